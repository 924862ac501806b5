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
  /** Run id -> pid of this directory's runs that went into the background. */
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
    // What has no waiter that would tell of its end is looked at often.
    const unwatched = watching.look(records) || tools.daemonized.size > 0;
    pause = unwatched ? FIRST_PAUSE_MS : Math.min(LONGEST_PAUSE_MS, pause * 2);
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
  /** The background process that was told as lost. */
  lost: number | null;
  /** Looks in a row that found no process. */
  missing: number;
  /** Start times as first seen, by pid: pids are used again. */
  readonly started: Map<number, number>;
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

  /** True when a run's end would not show by its records. */
  look(records: RunRecords): boolean {
    let unwatched = false;
    for (const id of records.ids()) unwatched = this.#lookAt(id, records.get(id)) || unwatched;
    for (const id of this.#told.keys()) if (!records.get(id).claimed) this.#told.delete(id);
    return unwatched;
  }

  #lookAt(id: string, record: RunRecord): boolean {
    const told = this.#of(id);
    const background = this.#tools.daemonized.get(id);
    if (background !== undefined) {
      if (told.lost !== background && !this.#lives(told, background, null)) this.#lose(id, told, background);
      return true;
    }
    const { pid, waiter } = record;
    if (pid === null || told.end) return false;
    if (this.#lives(told, pid, record.started)) return waiter !== null && !this.#lives(told, waiter, null);
    told.missing += 1;
    // Once may be the moment between the program's end and the waiter's record of it.
    if (told.missing >= 2) this.#lose(id, told, pid);
    return !told.end;
  }

  #lose(id: string, told: Told, pid: number): void {
    told.end = true;
    told.lost = pid;
    this.#tell({ kind: 'lost', id });
  }

  #lives(told: Told, pid: number, startTime: number | null): boolean {
    const facts = this.#tools.platform.process(pid);
    if (facts === null || facts.zombie) return false;
    const expected = startTime ?? told.started.get(pid) ?? facts.startTime;
    told.started.set(pid, expected);
    return facts.startTime === expected;
  }

  #of(id: string): Told {
    const told = this.#told.get(id) ?? { pid: false, end: false, lost: null, missing: 0, started: new Map() };
    this.#told.set(id, told);
    return told;
  }
}
