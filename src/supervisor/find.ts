/** After a crash of the daemon: how a run stands, told from its records and from the processes. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from '../platform/platform.ts';
import type { RunRecords } from './records.ts';
import type { Found, RunRef } from './supervisor.ts';
import { WAITER_NAME } from './waiter.ts';

/** A waiter that is at work writes its next record within a moment; in ms. */
const LOOK_AGAIN_MS = 2;

/** Fences the run when it has not started: then it never will. */
export async function findRun(records: RunRecords, platform: Platform, run: RunRef): Promise<Found> {
  records.scan();
  if (!records.get(run.id).claimed && records.fence(run.id)) return { kind: 'never-started' };
  for (;;) {
    const waiting = isWaiterAlive(records, platform, run);
    records.scan();
    const { exit, pid, waiter } = records.get(run.id);
    if (exit !== null) return { kind: 'exited', exit };
    if (pid !== null && isProgram(platform, pid, waiter, run)) return { kind: 'alive', pid };
    if (!waiting) return pid === null && waiter === null ? { kind: 'never-started' } : { kind: 'lost' };
    // The waiter is between two records: between claim and pid, or between the program's end and its exit.
    await delay(LOOK_AGAIN_MS);
  }
}

/** Pids are used again: the program is the child of its waiter, carries the mark, or leads the session that was made for it. */
function isProgram(platform: Platform, pid: number, waiter: number | null, run: RunRef): boolean {
  const facts = platform.process(pid);
  if (facts === null || facts.zombie) return false;
  if (facts.parent === waiter && isWaiter(platform, waiter, run)) return true;
  return platform.marked('LOOPYARD_RUN', new Set([run.mark])).has(pid);
}

/** By its record; before there is one, by the mark that its environment carries from the first instant. */
function isWaiterAlive(records: RunRecords, platform: Platform, run: RunRef): boolean {
  const { waiter } = records.get(run.id);
  if (waiter !== null) return isWaiter(platform, waiter, run);
  return [...platform.marked('LOOPYARD_RUN', new Set([run.mark])).keys()].some((pid) =>
    isWaiter(platform, pid, run),
  );
}

function isWaiter(platform: Platform, pid: number, run: RunRef): boolean {
  const facts = platform.process(pid);
  if (facts === null || facts.zombie) return false;
  const command = platform.details(pid)?.command ?? [];
  const at = command.indexOf(WAITER_NAME);
  return at >= 0 && command[at + 1] === run.directory && command[at + 2] === run.id;
}
