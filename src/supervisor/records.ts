/**
 * The run records of one environment's directory: who was started with which pid, and how it ended. One watch on the directory
 * serves all runs. It must not know processes.
 */

import { type FSWatcher, readdirSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit } from '../core/lifecycle.ts';

export interface RunRecord {
  readonly claimed: boolean;
  readonly waiter: number | null;
  readonly pid: number | null;
  readonly exit: Exit | null;
}

type Listener = (id: string, record: RunRecord) => void;

const NAME = /^(.+-\d+)\.(claim|waiter|pid|exit)(?:\.(\d+))?$/;
const EMPTY: RunRecord = { claimed: false, waiter: null, pid: null, exit: null };

export class RunRecords {
  readonly directory: string;
  readonly #records = new Map<string, RunRecord>();
  readonly #listeners = new Set<Listener>();
  #watcher: FSWatcher | null = null;

  constructor(directory: string) {
    this.directory = directory;
  }

  get(id: string): RunRecord {
    return this.#records.get(id) ?? EMPTY;
  }

  ids(): Iterable<string> {
    return this.#records.keys();
  }

  /** Tells every change, and at once what is known. */
  listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    this.#watcher ??= this.#follow();
    this.scan();
    for (const [id, record] of this.#records) listener(id, record);
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size > 0) return;
        this.#watcher?.close();
        this.#watcher = null;
      },
    };
  }

  /** Reads the directory anew: what a watch may have missed is told now. */
  scan(): void {
    for (const name of list(this.directory)) this.#take(name);
  }

  /** Resolves when `test` holds for the run's record, or `give up` does. */
  async until(
    id: string,
    test: (record: RunRecord) => boolean,
    giveUp: Promise<unknown>,
  ): Promise<RunRecord> {
    this.scan();
    if (test(this.get(id))) return this.get(id);
    let listening: Disposable | undefined;
    const met = new Promise<void>((resolve) => {
      listening = this.listen((which, record) => {
        if (which === id && test(record)) resolve();
      });
    });
    await Promise.race([met, giveUp]);
    listening?.[Symbol.dispose]();
    this.scan();
    return this.get(id);
  }

  /** True: the run has not started and never will. False: its claim is taken. */
  fence(id: string): boolean {
    try {
      writeFileSync(join(this.directory, `${id}.claim`), '', { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  discard(id: string): void {
    const { waiter, pid, exit } = this.get(id);
    const code = exit === null ? null : exitNumber(exit);
    const names = [`${id}.claim`, `${id}.waiter.${waiter}`, `${id}.pid.${pid}`, `${id}.exit.${code}`];
    for (const name of names) rmSync(join(this.directory, name), { force: true });
    this.#records.delete(id);
  }

  #follow(): FSWatcher {
    const watcher = watch(this.directory, (_, name) => {
      if (name === null) this.scan();
      else this.#take(name);
    });
    // The directory went away: nothing more can be told from here, and whoever removed it knows.
    watcher.on('error', () => watcher.close());
    return watcher;
  }

  #take(name: string): void {
    const match = NAME.exec(name);
    const id = match?.[1];
    if (match === null || id === undefined) return;
    const before = this.get(id);
    const after = this.#with(before, match[2] ?? '', Number(match[3]), name);
    if (after === before) return;
    this.#records.set(id, after);
    for (const listener of this.#listeners) listener(id, after);
  }

  #with(record: RunRecord, kind: string, number: number, name: string): RunRecord {
    switch (kind) {
      case 'claim':
        return record.claimed || !this.#exists(name) ? record : { ...record, claimed: true };
      case 'waiter':
        return record.waiter === null && this.#exists(name) ? { ...record, waiter: number } : record;
      case 'pid':
        return record.pid === null && this.#exists(name) ? { ...record, pid: number } : record;
      default: {
        if (record.exit !== null) return record;
        const at = this.#time(name);
        return at === null ? record : { ...record, exit: exitOf(number, at) };
      }
    }
  }

  /** A watch also tells of names that were just removed. */
  #exists(name: string): boolean {
    return this.#time(name) !== null;
  }

  /** Epoch ms, whole. */
  #time(name: string): number | null {
    const facts = statSync(join(this.directory, name), { throwIfNoEntry: false });
    return facts === undefined ? null : Math.round(facts.mtimeMs);
  }
}

/** A shell tells "ended by signal N" as 128 + N; a program that exits with such a code by itself cannot be told apart. */
function exitOf(status: number, at: number): Exit {
  const signal = status > 128 ? SIGNALS[status - 128] : undefined;
  return signal === undefined ? { code: status, signal: null, at } : { code: null, signal, at };
}

function exitNumber(exit: Exit): number {
  const signal = Object.entries(SIGNALS).find(([, name]) => name === exit.signal);
  return exit.code ?? 128 + Number(signal?.[0]);
}

/** Numbers as on Linux (signal(7), x86 and ARM). */
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Removed with its environment.
    return [];
  }
}
