/**
 * Tells pids and exits of one environment's runs as their records appear. A slow look backs it up: a waiter may be killed before it
 * writes, and a program in the background has no waiter.
 */

import type { Platform } from '../platform/platform.ts';
import type { RunRecord, RunRecords } from './records.ts';
import type { RunNews } from './supervisor.ts';

/** Slow, since it only catches what has no event; in ms. */
const LOOK_EVERY_MS = 2000;

export interface WatchTools {
  readonly platform: Platform;
  /** mark -> pid of runs that went into the background. */
  readonly daemonized: ReadonlyMap<string, number>;
}

export function watchRuns(records: RunRecords, tools: WatchTools, tell: (news: RunNews) => void): Disposable {
  const told = new Map<string, { pid: boolean; end: boolean; missing: number }>();
  const stateOf = (id: string): { pid: boolean; end: boolean; missing: number } => {
    const state = told.get(id) ?? { pid: false, end: false, missing: 0 };
    told.set(id, state);
    return state;
  };
  const take = (id: string, record: RunRecord): void => {
    const state = stateOf(id);
    if (record.pid !== null && !state.pid) {
      state.pid = true;
      tell({ kind: 'pid', id, pid: record.pid });
    }
    if (record.exit !== null && !state.end) {
      state.end = true;
      tell({ kind: 'exit', id, exit: record.exit });
    }
  };
  const look = (): void => {
    records.scan();
    for (const id of records.ids()) {
      const record = records.get(id);
      const state = stateOf(id);
      const background = backgroundPid(tools.daemonized, id);
      const pid = background ?? record.pid;
      if (pid === null || (state.end && background === undefined) || lives(tools.platform, pid)) continue;
      state.missing += 1;
      // Once may be the moment between the program's end and the waiter's record of it.
      if (state.missing < 2) continue;
      state.end = true;
      tell({ kind: 'lost', id });
    }
    for (const id of told.keys()) if (!records.get(id).claimed) told.delete(id);
  };
  const listening = records.listen(take);
  const timer = setInterval(look, LOOK_EVERY_MS);
  timer.unref();
  return {
    [Symbol.dispose]: () => {
      clearInterval(timer);
      listening[Symbol.dispose]();
    },
  };
}

/** Marks end in `.<id>`. */
function backgroundPid(daemonized: ReadonlyMap<string, number>, id: string): number | undefined {
  for (const [mark, pid] of daemonized) if (mark.endsWith(`.${id}`)) return pid;
  return undefined;
}

function lives(platform: Platform, pid: number): boolean {
  const facts = platform.process(pid);
  return facts !== null && !facts.zombie;
}
