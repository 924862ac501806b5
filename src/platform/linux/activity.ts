/**
 * Whether a process has run since it was last looked at: while it has not, it changed nothing about itself. From the time that its
 * first thread has spent on a processor, in nanoseconds (/proc/PID/schedstat, Documentation/scheduler/sched-stats.rst).
 */

import { readFileSync, statSync } from 'node:fs';

/** The time of a thread that runs is brought up to date with the clock's tick, every 10 ms at the slowest. */
const TICK_MS = 20;
/** Links of /proc/PID/task: its own two, and one for each thread. */
const OWN_LINKS = 2;

/** One reading; take it before what it is to vouch for. */
export interface Activity {
  readonly at: number;
  readonly spent: string;
}

/** Null: the process is gone, or the kernel does not count. */
export function activityOf(pid: number, proc = '/proc'): Activity | null {
  try {
    const at = performance.now();
    const spent = readFileSync(`${proc}/${pid}/schedstat`, 'utf8');
    // A kernel that does not count writes zeros.
    return spent.startsWith('0 ') ? null : { at, spent };
  } catch {
    // Gone, hidden, or a kernel without these figures.
    return null;
  }
}

/** Whether its first thread has surely not run in between. */
export function hasRested(pid: number, since: Activity | null, proc = '/proc'): boolean {
  if (since === null || performance.now() - since.at < TICK_MS) return false;
  return activityOf(pid, proc)?.spent === since.spent;
}

/** Whether it has one thread, so that nobody else acts for it. */
export function isSingle(pid: number, proc = '/proc'): boolean {
  try {
    return statSync(`${proc}/${pid}/task`, { throwIfNoEntry: false })?.nlink === OWN_LINKS + 1;
  } catch {
    // It ended just now, or hides.
    return false;
  }
}
