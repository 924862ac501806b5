/**
 * Which sockets a process holds, from the links in /proc/PID/fd (proc_pid_fd(5)): what supervisor and inspector share. Synchronous on
 * purpose: a hop through the thread pool costs several times the call. It must not know what the sockets are.
 */

import { readdirSync, readlinkSync } from 'node:fs';

const PREFIX = 'socket:[';

/** `closed`: it may not be looked into. A process that is gone, or that is none of our /proc, holds nothing. */
export type HeldSockets = ReadonlyMap<number, string> | 'closed';

export const NOTHING_HELD: ReadonlyMap<number, string> = new Map();

/** Inode -> one of the descriptors that lead to it. */
export function heldSockets(pid: number, proc = '/proc'): HeldSockets {
  const directory = `${proc}/${pid}/fd/`;
  let descriptors: readonly string[];
  try {
    descriptors = readdirSync(directory);
  } catch (error) {
    return isForbidden(error) ? 'closed' : NOTHING_HELD;
  }
  if (descriptors.length === 0) return NOTHING_HELD;
  const held = new Map<number, string>();
  for (const descriptor of descriptors) {
    try {
      const inode = inodeOf(readlinkSync(directory + descriptor));
      if (inode > 0) held.set(inode, descriptor);
    } catch (error) {
      // Closed while we looked: the next one may still be there. Forbidden: so are all others.
      if (isForbidden(error)) return 'closed';
    }
  }
  return held;
}

/** Whether the descriptor leads to that socket now. */
export function isHeldAt(pid: number, descriptor: string, inode: number, proc: string): boolean {
  try {
    return readlinkSync(`${proc}/${pid}/fd/${descriptor}`) === `${PREFIX}${inode}]`;
  } catch {
    // Closed, or the process is gone.
    return false;
  }
}

/** A server is young compared with most of the table. */
export function newestFirst(proc = '/proc'): readonly number[] {
  const pids: number[] = [];
  for (const entry of readdirSync(proc)) {
    const first = entry.charCodeAt(0);
    if (first >= 48 && first <= 57) pids.push(Number(entry));
  }
  return pids.sort((one, other) => other - one);
}

/** EACCES: another user's, or one that must not be traced. EPERM: /proc with hidepid=1. */
export function isForbidden(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EACCES' || code === 'EPERM';
}

/** Errors of vanished and foreign processes are many; their stacks would cost more than the walk. */
export function withoutStacks<T>(walk: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return walk();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/** 0: it is no socket. */
function inodeOf(link: string): number {
  return link.startsWith(PREFIX) ? Number(link.slice(PREFIX.length, -1)) : 0;
}
