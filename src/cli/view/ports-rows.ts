/** Which listeners are one row: where nothing is lost by it, and only for people. Pure. */

import type { ListenerDocument } from '../../core/inspection.ts';

/** Never empty; more than one: the families of one place, in the order of the families. */
export interface PortsRow {
  readonly listeners: readonly ListenerDocument[];
  /** So many sockets that differ in nothing (SO_REUSEPORT by one process). */
  readonly sockets: number;
}

/** The two addresses that are one place to people. */
const TWINS: Readonly<Record<string, string>> = { '127.0.0.1': '::1', '0.0.0.0': '::' };

export function rowsOf(listeners: readonly ListenerDocument[]): readonly PortsRow[] {
  const different = new Map<string, { readonly listener: ListenerDocument; sockets: number }>();
  for (const listener of listeners) {
    const key = `${listener.address}\n${holding(listener)}`;
    const known = different.get(key);
    if (known === undefined) different.set(key, { listener, sockets: 1 });
    else known.sockets += 1;
  }
  const taken = new Set<ListenerDocument>();
  return [...different.values()].flatMap(({ listener, sockets }): readonly PortsRow[] => {
    if (taken.has(listener)) return [];
    const twin = different.get(`${TWINS[listener.address]}\n${holding(listener)}`);
    if (twin === undefined || twin.sockets !== sockets) return [{ listeners: [listener], sockets }];
    taken.add(twin.listener);
    return [{ listeners: [listener, twin.listener], sockets }];
  });
}

/** All that a row tells but the address. Owners that are not seen may be different ones. */
function holding(listener: ListenerDocument): string {
  const { port, protocol, owners, user, service, container, unit, ownerVisible, family } = listener;
  const pids = owners.map(({ pid }) => pid);
  const unseen = ownerVisible ? null : family;
  return JSON.stringify([port, protocol, pids, user, service, container, unit, unseen]);
}
