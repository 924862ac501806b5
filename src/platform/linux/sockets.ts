/**
 * Listening sockets and who holds them, from /proc/net and /proc/PID/fd (proc(5)). The one reader that supervisor and inspector
 * share. It must not know runs or services.
 */

import { readdirSync, readlinkSync } from 'node:fs';
import type { ListenerFacts, SocketOwners } from '../platform.ts';
import { parseAddress } from './address.ts';
import { lines } from './lines.ts';
import { readProcess } from './processes.ts';

const LISTEN = '0A';

/** All listening TCP sockets of this network namespace, both families. */
export function readListeners(): readonly ListenerFacts[] {
  return [...listenersOf('/proc/net/tcp', 4), ...listenersOf('/proc/net/tcp6', 6)];
}

/**
 * Pids that hold these inodes. Among `pids`: every holder. Among all processes: newest first, until each inode has one, since a
 * server is young compared with most of the table; then its parents as long as they hold it too, so that a server that forks its
 * workers is among its holders. Elders come first in each list.
 */
export function readOwners(inodes: ReadonlySet<number>, pids?: Iterable<number>): SocketOwners {
  const owners = new Map<number, number[]>();
  if (inodes.size === 0) return owners;
  // Errors of vanished and foreign processes are many; their stacks would cost more than the walk.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    for (const pid of pids ?? newestFirst()) {
      noteHolder(owners, inodes, pid);
      if (pids === undefined && owners.size === inodes.size) break;
    }
    for (const [inode, holders] of owners) {
      if (pids === undefined) climb(holders, inode);
      else if (holders.length > 1) owners.set(inode, eldersFirst(holders));
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
  return owners;
}

function noteHolder(owners: Map<number, number[]>, inodes: ReadonlySet<number>, pid: number): void {
  for (const inode of socketsOf(pid)) {
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
  for (const socket of socketsOf(pid)) if (socket === inode) return true;
  return false;
}

export function eldersFirst(holders: readonly number[]): number[] {
  const isHolder = new Set(holders);
  const depth = (pid: number): number => {
    let steps = 0;
    for (
      let parent = parentOf(pid);
      isHolder.has(parent) && steps < holders.length;
      parent = parentOf(parent)
    )
      steps += 1;
    return steps;
  };
  const depths = new Map(holders.map((pid) => [pid, depth(pid)]));
  return [...holders].sort((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0));
}

function parentOf(pid: number | undefined): number {
  return pid === undefined ? 0 : (readProcess(pid)?.parent ?? 0);
}

/**
 * The kernel prints listening sockets before all others, so reading stops at the first other row: with thousands of connections
 * the rest is never formatted.
 */
function listenersOf(file: string, family: 4 | 6): readonly ListenerFacts[] {
  const found: ListenerFacts[] = [];
  for (const row of lines(file, () => undefined)) {
    const fields = row.trim().split(/\s+/);
    const state = fields[3] ?? '';
    if (/^[0-9A-F]{2}$/.test(state) && state !== LISTEN) break;
    const listener = parseRow(fields, family);
    if (listener !== null) found.push(listener);
  }
  return found;
}

const NUMBER = /^\d+$/;

/** Fields: 0 slot, 1 local address, 3 state, 7 uid, 9 inode. Null for a row that does not read so. */
export function parseRow(fields: readonly string[], family: 4 | 6): ListenerFacts | null {
  const place = parseAddress(fields[1] ?? '', family);
  const [uid = '', inode = ''] = [fields[7], fields[9]];
  if (place === null || fields[3] !== LISTEN) return null;
  if (!NUMBER.test(uid) || !NUMBER.test(inode)) return null;
  return { protocol: 'tcp', family, ...place, inode: Number(inode), uid: Number(uid) };
}

export function newestFirst(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => entry.charCodeAt(0) >= 48 && entry.charCodeAt(0) <= 57)
    .map(Number)
    .sort((one, other) => other - one);
}

export function* socketsOf(pid: number): Generator<number> {
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Gone, or another user's.
    return;
  }
  for (const descriptor of descriptors) {
    try {
      const link = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      if (link.startsWith('socket:[')) yield Number(link.slice(8, -1));
    } catch {
      // Closed while we looked; the next one may still be there.
    }
  }
}
