/** After a crash of the daemon: how a run stands, told from its records and from the processes. */

import { setTimeout as delay } from 'node:timers/promises';
import type { Platform } from '../platform/platform.ts';
import type { RunRecord, RunRecords } from './records.ts';
import type { Found, RunRef } from './supervisor.ts';
import type { Background } from './sweep.ts';
import { WAITER_NAME } from './waiter.ts';

/** A waiter that is at work writes its next record within a moment; in ms. */
const LOOK_AGAIN_MS = 2;

/** Fences the run when it has not started: then it never will. */
export async function findRun(records: RunRecords, platform: Platform, run: RunRef): Promise<Found> {
  // The claim itself answers most asks: a whole look at the directory for each of 300 services would add up.
  if (records.fence(run.id)) return { kind: 'never-started' };
  if (records.isFenced(run.id)) return { kind: 'never-started' };
  for (;;) {
    const waiting = isWaiterAlive(records, platform, run);
    records.scan();
    const record = records.get(run.id);
    const standing = standingOf(platform, record, run);
    if (standing !== null) return standing;
    const began = record.pid !== null || record.waiter !== null;
    if (!waiting) return began ? { kind: 'lost' } : { kind: 'never-started' };
    // The waiter is between two records: between claim and pid, or between the program's end and its exit.
    await delay(LOOK_AGAIN_MS);
  }
}

/** What the record alone says, or its living program. */
function standingOf(platform: Platform, record: RunRecord, run: RunRef): Found | null {
  const { exit, pid, background } = record;
  if (background !== null) return foundInBackground(platform, background);
  if (exit !== null) return { kind: 'exited', exit };
  return pid !== null && isProgram(platform, pid, record, run) ? { kind: 'alive', pid } : null;
}

/** How it ends nobody can see. */
function foundInBackground(platform: Platform, { pid, started }: Background): Found {
  const facts = platform.process(pid);
  const lives = facts !== null && !facts.zombie && facts.startTime === started;
  return lives ? { kind: 'alive', pid } : { kind: 'lost' };
}

/** Pids are used again: with its start time one is a name for good. Where that is not known, family and mark decide. */
function isProgram(platform: Platform, pid: number, record: RunRecord, run: RunRef): boolean {
  const facts = platform.process(pid);
  if (facts === null || facts.zombie) return false;
  if (record.started !== null) return facts.startTime === record.started;
  if (facts.parent === record.waiter && isWaiter(platform, record.waiter, run)) return true;
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
