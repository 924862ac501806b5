/**
 * Tells pids and exits of one environment's runs as their records appear. A slow look backs it up: a waiter may be killed before it
 * writes, and a program in the background has no waiter.
 */

import type { Platform } from '../platform/platform.ts';
import type { RunRecord, RunRecords } from './records.ts';
import type { RunNews } from './supervisor.ts';

/** The pause between looks: short after news, then doubling, so that an idle environment costs nothing; in ms. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 64_000;

export interface WatchTools {
  readonly platform: Platform;
  /** mark -> pid of runs that went into the background. */
  readonly daemonized: ReadonlyMap<string, number>;
}

export function watchRuns(records: RunRecords, tools: WatchTools, tell: (news: RunNews) => void): Disposable {
  const watching = new Watching(tools, tell);
  let pause = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;
  const rest = (): void => {
    timer = setTimeout(look, pause);
    timer.unref();
  };
  const look = (): void => {
    records.scan();
    watching.look(records);
    // A program in the background has no waiter that would tell of its end.
    pause = tools.daemonized.size > 0 ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pause * 2);
    rest();
  };
  const listening = records.listen((id, record) => {
    watching.take(id, record);
    clearTimeout(timer);
    pause = FIRST_PAUSE_MS;
    rest();
  });
  rest();
  return {
    [Symbol.dispose]: () => {
      clearTimeout(timer);
      listening[Symbol.dispose]();
    },
  };
}

interface Told {
  pid: boolean;
  end: boolean;
  /** Looks in a row that found no process. */
  missing: number;
}

class Watching {
  readonly #tools: WatchTools;
  readonly #tell: (news: RunNews) => void;
  readonly #told = new Map<string, Told>();

  constructor(tools: WatchTools, tell: (news: RunNews) => void) {
    this.#tools = tools;
    this.#tell = tell;
  }

  take(id: string, record: RunRecord): void {
    const told = this.#of(id);
    if (record.pid !== null && !told.pid) {
      told.pid = true;
      this.#tell({ kind: 'pid', id, pid: record.pid });
    }
    if (record.exit !== null && !told.end) {
      told.end = true;
      this.#tell({ kind: 'exit', id, exit: record.exit });
    }
  }

  look(records: RunRecords): void {
    for (const id of records.ids()) this.#lookAt(id, records.get(id));
    for (const id of this.#told.keys()) if (!records.get(id).claimed) this.#told.delete(id);
  }

  #lookAt(id: string, record: RunRecord): void {
    const told = this.#of(id);
    const background = backgroundPid(this.#tools.daemonized, id);
    const pid = background ?? record.pid;
    if (pid === null || (told.end && background === undefined) || lives(this.#tools.platform, pid)) return;
    told.missing += 1;
    // Once may be the moment between the program's end and the waiter's record of it.
    if (told.missing < 2) return;
    told.end = true;
    this.#tell({ kind: 'lost', id });
  }

  #of(id: string): Told {
    const told = this.#told.get(id) ?? { pid: false, end: false, missing: 0 };
    this.#told.set(id, told);
    return told;
  }
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
