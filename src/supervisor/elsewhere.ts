/** Where a program listens when it is not where it was told. Pure; it must not know how that was found out. */

import type { Place } from './probes/probe.ts';
import type { ReadyTarget } from './supervisor.ts';

/** Endpoint -> another place to try. */
export type Elsewhere = Readonly<Record<string, Place>>;

/** Another port than told counts only after so long: a program may listen for its own ends first. */
const OTHER_PORT_AFTER_MS = 1500;
/** What debuggers listen on while the program still loads: Node, debugpy, Delve, the JVM. */
const DEBUGGER_PORTS: ReadonlySet<number> = new Set([9229, 5678, 2345, 5005]);

/** `listening`: all places where members of the run listen. */
export function elsewhere(
  told: ReadyTarget['told'],
  listening: readonly Place[],
  elapsedMs: number,
): Elsewhere {
  const endpoints = Object.entries(told);
  const found: Record<string, Place> = {};
  for (const [endpoint, place] of endpoints) {
    const samePort = listening.filter((one) => one.port === place.port);
    if (samePort.some((one) => one.address === place.address || one.address === '0.0.0.0')) continue;
    const other =
      samePort[0] ??
      (endpoints.length === 1 && elapsedMs > OTHER_PORT_AFTER_MS ? onlyPort(listening) : undefined);
    if (other !== undefined) found[endpoint] = { port: other.port, address: dialable(other.address, place) };
  }
  return found;
}

function onlyPort(listening: readonly Place[]): Place | undefined {
  const candidates = listening.filter((one) => !DEBUGGER_PORTS.has(one.port));
  return new Set(candidates.map((one) => one.port)).size === 1 ? candidates[0] : undefined;
}

/** A wildcard is dialled at the told address; one of IPv6 at ::1, since it may be for IPv6 alone. */
function dialable(address: string, told: Place): string {
  if (address === '0.0.0.0') return told.address;
  return address === '::' ? '::1' : address;
}
