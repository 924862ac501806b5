/** Which processes hold which sockets: every holder, from /proc/PID/fd. It must not know what the sockets are. */

import { readdirSync, readlinkSync, statSync } from 'node:fs';
import type { Holders } from '../facts.ts';
import { eldersFirst, newestFirst } from './sockets.ts';

/** Looks into every process. */
export function readHolders(inodes: ReadonlySet<number>): Holders {
  const byInode = new Map<number, number[]>();
  const closed = new Map<number, number[]>();
  if (inodes.size === 0) return { byInode, closed };
  // Errors of vanished and foreign processes are many; their stacks would cost more than the walk.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    for (const pid of newestFirst()) {
      const sockets = socketsOf(pid);
      if (sockets === null) noteClosed(closed, pid);
      else noteHeld(byInode, inodes, sockets, pid);
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
  for (const [inode, holders] of byInode) if (holders.length > 1) byInode.set(inode, eldersFirst(holders));
  return { byInode, closed };
}

function noteHeld(
  byInode: Map<number, number[]>,
  inodes: ReadonlySet<number>,
  sockets: ReadonlySet<number>,
  pid: number,
): void {
  for (const inode of sockets) if (inodes.has(inode)) push(byInode, inode, pid);
}

/** Null: it may not be looked into. A process that is gone holds none. */
export function socketsOf(pid: number): ReadonlySet<number> | null {
  const found = new Set<number>();
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? null : found;
  }
  for (const descriptor of descriptors) {
    try {
      const link = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      if (link.startsWith('socket:[')) found.add(Number(link.slice(8, -1)));
    } catch (error) {
      // Closed while we looked: the next one may still be there. Forbidden: so are all others.
      if ((error as NodeJS.ErrnoException).code === 'EACCES') return null;
    }
  }
  return found;
}

function noteClosed(closed: Map<number, number[]>, pid: number): void {
  try {
    push(closed, statSync(`/proc/${pid}`).uid, pid);
  } catch {
    // Gone in the meantime.
  }
}

function push(map: Map<number, number[]>, key: number, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}
