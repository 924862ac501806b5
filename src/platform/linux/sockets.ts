/**
 * Listening sockets and who holds them, as the supervisor asks for them: the youngest holder is enough, and nothing is remembered.
 * The inspector's `holders.ts` names every holder. It must not know runs or services.
 */

import type { ListenerFacts, SocketOwners } from '../platform.ts';
import { heldSockets, newestFirst, withoutStacks } from './descriptors.ts';
import { eldersFirst } from './elders.ts';
import { readProcess } from './processes.ts';
import { OWN_NETWORK, readSockets } from './socket-tables.ts';

/** All listening TCP sockets of this network namespace, both families. */
export function readListeners(directory = OWN_NETWORK): readonly ListenerFacts[] {
  return readSockets(directory, 'listening', ['tcp']).sockets.map(
    ({ protocol, family, local, inode, uid }) => ({ protocol, family, ...local, inode, uid }),
  );
}

/**
 * Pids that hold these inodes. Among `pids`: every holder. Among all processes: newest first, until each inode has one, since a
 * server is young compared with most of the table; then its parents as long as they hold it too, so that a server that forks its
 * workers is among its holders. Elders come first in each list.
 */
export function readOwners(inodes: ReadonlySet<number>, pids?: Iterable<number>): SocketOwners {
  return inodes.size === 0 ? new Map() : withoutStacks(() => walk(inodes, pids));
}

function walk(inodes: ReadonlySet<number>, pids: Iterable<number> | undefined): SocketOwners {
  const owners = new Map<number, number[]>();
  for (const pid of pids ?? newestFirst()) {
    noteHolder(owners, inodes, pid);
    if (pids === undefined && owners.size === inodes.size) break;
  }
  for (const [inode, holders] of owners) {
    if (pids === undefined) climb(holders, inode);
    else if (holders.length > 1) owners.set(inode, eldersFirst(holders, parentOf));
  }
  return owners;
}

function noteHolder(owners: Map<number, number[]>, inodes: ReadonlySet<number>, pid: number): void {
  const held = heldSockets(pid);
  if (held === 'closed') return;
  for (const inode of held.keys()) {
    if (!inodes.has(inode)) continue;
    const holders = owners.get(inode);
    if (holders === undefined) owners.set(inode, [pid]);
    else if (!holders.includes(pid)) holders.push(pid);
  }
}

function climb(holders: number[], inode: number): void {
  for (let pid = parentOf(holders[0]); pid > 1 && holds(pid, inode); pid = parentOf(pid))
    holders.unshift(pid);
}

function holds(pid: number, inode: number): boolean {
  const held = heldSockets(pid);
  return held !== 'closed' && held.has(inode);
}

function parentOf(pid: number | undefined): number {
  return pid === undefined ? 0 : (readProcess(pid)?.parent ?? 0);
}
