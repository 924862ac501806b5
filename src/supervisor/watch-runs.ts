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
/** The same for runs whose end no record would tell. */
const LONGEST_UNWATCHED_PAUSE_MS = 4000;

export function watchRuns(
  records: RunRecords,
  platform: Platform,
  tell: (news: RunNews) => void,
): Disposable {
  const watching = new Watching(platform, tell);
  let pause = FIRST_PAUSE_MS;
  let timer: NodeJS.Timeout | undefined;
  const rest = (): void => {
    timer = setTimeout(look, pause);
    timer.unref();
  };
  const look = (): void => {
    records.scan();
    const { unwatched, missing } = watching.look(records);
    const longest = unwatched ? LONGEST_UNWATCHED_PAUSE_MS : LONGEST_PAUSE_MS;
    // What seems to be gone is looked at again soon.
    pause = missing ? FIRST_PAUSE_MS : Math.min(longest, pause * 2);
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
  /** The last pid that was told. */
  pid: number | null;
  end: boolean;
  /** Looks in a row that found no process. */
  missing: number;
  /** Start time of the waiter as first seen: pids are used again. */
  waiter: number | null;
}

/** How the runs stood at one look. */
interface Look {
  /** The end of some run would not show by its records: it has no waiter. */
  readonly unwatched: boolean;
  /** Some run seems to be gone. */
  readonly missing: boolean;
}

class Watching {
  readonly #platform: Platform;
  readonly #tell: (news: RunNews) => void;
  readonly #told = new Map<string, Told>();

  constructor(platform: Platform, tell: (news: RunNews) => void) {
    this.#platform = platform;
    this.#tell = tell;
  }

  take(id: string, { pid, exit, background }: RunRecord): void {
    const told = this.#of(id);
    const present = background?.pid ?? pid;
    if (present !== null && told.pid !== present) {
      told.pid = present;
      this.#tell({ kind: 'pid', id, pid: present });
    }
    if (background !== null) told.end = false;
    else if (exit !== null && !told.end) {
      told.end = true;
      this.#tell({ kind: 'exit', id, exit });
    }
  }

  look(records: RunRecords): Look {
    const looks = [...records.ids()].map((id) => this.#lookAt(id, records.get(id)));
    for (const id of this.#told.keys()) if (!records.get(id).claimed) this.#told.delete(id);
    return {
      unwatched: looks.some((look) => look.unwatched),
      missing: looks.some((look) => look.missing),
    };
  }

  #lookAt(id: string, record: RunRecord): Look {
    const told = this.#of(id);
    const program = record.background ?? record;
    const { pid, started } = program;
    if (pid === null || told.end) return { unwatched: false, missing: false };
    if (this.#lives(pid, started))
      return { unwatched: record.background !== null || !this.#hasWaiter(told, record), missing: false };
    told.missing += 1;
    // Once may be the moment between the program's end and the waiter's record of it.
    if (told.missing < 2 && record.background === null) return { unwatched: true, missing: true };
    told.end = true;
    this.#tell({ kind: 'lost', id });
    return { unwatched: false, missing: false };
  }

  #hasWaiter(told: Told, { waiter }: RunRecord): boolean {
    if (waiter === null) return false;
    told.waiter ??= this.#platform.process(waiter)?.startTime ?? null;
    return told.waiter !== null && this.#lives(waiter, told.waiter);
  }

  #lives(pid: number, started: number | null): boolean {
    const facts = this.#platform.process(pid);
    return facts !== null && !facts.zombie && (started === null || facts.startTime === started);
  }

  #of(id: string): Told {
    const told = this.#told.get(id) ?? { pid: null, end: false, missing: 0, waiter: null };
    this.#told.set(id, told);
    return told;
  }
}
