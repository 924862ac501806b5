/**
 * Processes that are connected to services' own addresses without a link: found in the socket table. It must not know why somebody
 * asks.
 */

import type { UndeclaredCaller } from '../../core/link-list.ts';
import { wantsLink } from '../../core/links.ts';
import type { Service } from '../../core/model.ts';
import type { EnvironmentRef, EnvironmentStatus } from '../../core/status.ts';
import type { SocketFacts } from '../../platform/facts.ts';
import type { Platform, ProcessFacts } from '../../platform/platform.ts';

export interface Called {
  readonly project: { readonly services: readonly Service[] };
  status(): EnvironmentStatus;
}

interface Callee {
  readonly environment: EnvironmentRef;
  readonly service: string;
  readonly endpoint: string;
}

interface Caller {
  readonly environment: EnvironmentRef;
  readonly definition: Service;
}

/** `all`: every environment, since callers may come from any; `own`: those whose services are asked about. `ours`: never listed. */
export function undeclaredCallers(
  platform: Platform,
  all: readonly Called[],
  own: readonly Called[],
  ours: ReadonlySet<number>,
): readonly UndeclaredCaller[] {
  const callees = calleesOf(own);
  if (callees.size === 0) return [];
  const sockets = platform
    .sockets('all')
    .sockets.filter(({ state, remote }) => state === 'established' && remote !== null)
    .filter((socket) => callees.has(remoteKey(socket)));
  if (sockets.length === 0) return [];
  const { byInode } = platform.holders(new Set(sockets.map(({ inode }) => inode)));
  const look: Look = { platform, processes: platform.processes(20), services: servicesByPid(all) };
  const found = new Map<string, UndeclaredCaller>();
  for (const socket of sockets) {
    const holders = byInode.get(socket.inode) ?? [];
    const pid = holders[0] ?? null;
    const callee = callees.get(remoteKey(socket));
    // The gateway's connections may be carried by helpers of its own, and are the gateway's all the same.
    const isOurs = holders.some((holder) => ours.has(holder));
    const one = callee === undefined || isOurs ? null : undeclared(look, socket, pid, callee);
    if (one === null) continue;
    const key = `${one.environment.id} ${one.to} ${one.endpoint} ${pid ?? `uid ${socket.uid}`}`;
    found.set(key, { ...one, connections: (found.get(key)?.connections ?? 0) + 1 });
  }
  return [...found.values()];
}

interface Look {
  readonly platform: Platform;
  readonly processes: ReadonlyMap<number, ProcessFacts>;
  readonly services: ReadonlyMap<number, Caller>;
}

/** Null: it may call. */
function undeclared(
  { platform, processes, services }: Look,
  socket: SocketFacts,
  pid: number | null,
  callee: Callee,
): UndeclaredCaller | null {
  const caller = pid === null ? null : callerOf(pid, processes, services);
  if (isDeclared(caller, callee)) return null;
  return {
    environment: callee.environment,
    to: callee.service,
    endpoint: callee.endpoint,
    pid,
    program: programOf(platform, pid, socket),
    service: caller === null ? null : nameOf(caller, callee),
    connections: 1,
  };
}

/** By `address:port` of each endpoint that is served now. */
function calleesOf(environments: readonly Called[]): ReadonlyMap<string, Callee> {
  const callees = new Map<string, Callee>();
  for (const environment of environments) {
    const { environment: ref, services } = environment.status();
    for (const { name, pid, endpoints } of services) {
      if (pid === null) continue;
      for (const { name: endpoint, address, port, listens } of endpoints) {
        const own = listens ?? { address, port };
        callees.set(`${own.address}:${own.port}`, { environment: ref, service: name, endpoint });
      }
    }
  }
  return callees;
}

/** Java connects to IPv4 through an IPv6 socket: `::ffff:127.64.0.1`. */
function remoteKey({ remote }: SocketFacts): string {
  return `${remote?.address.replace(/^::ffff:/, '')}:${remote?.port}`;
}

function servicesByPid(environments: readonly Called[]): ReadonlyMap<number, Caller> {
  const byPid = new Map<number, Caller>();
  for (const environment of environments) {
    const { environment: ref, services } = environment.status();
    const definitions = new Map(environment.project.services.map((one) => [one.name, one]));
    for (const { name, pid } of services) {
      const definition = definitions.get(name);
      if (pid !== null && definition !== undefined) byPid.set(pid, { environment: ref, definition });
    }
  }
  return byPid;
}

/** The service that a process belongs to: by its ancestors, or by the session that it is in. */
function callerOf(
  pid: number,
  processes: ReadonlyMap<number, ProcessFacts>,
  services: ReadonlyMap<number, Caller>,
): Caller | null {
  const seen = new Set<number>();
  for (let at = pid; at > 1 && !seen.has(at); ) {
    seen.add(at);
    const facts = processes.get(at);
    const found = services.get(at) ?? (facts === undefined ? undefined : services.get(facts.session));
    if (found !== undefined) return found;
    at = facts?.parent ?? 0;
  }
  return null;
}

/** A service that talks to itself, or one that was told the address on purpose. */
function isDeclared(caller: Caller | null, callee: Callee): boolean {
  if (caller === null || caller.environment.id !== callee.environment.id) return false;
  const { name, needs } = caller.definition;
  if (name === callee.service) return true;
  return needs.some((need) => need.service === callee.service && !wantsLink(need));
}

function nameOf({ environment, definition }: Caller, callee: Callee): string {
  return environment.id === callee.environment.id
    ? definition.name
    : `${definition.name} of ${environment.name}`;
}

function programOf(platform: Platform, pid: number | null, { uid }: SocketFacts): string {
  const command = pid === null ? undefined : platform.details(pid)?.command[0];
  return command?.split('/').pop() ?? `a program of user ${uid}`;
}
