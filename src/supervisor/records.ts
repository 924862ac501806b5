/**
 * The run records of one environment's directory: who was started with which pid, and how it ended. One watch on the directory
 * serves all runs. It must not know processes.
 */

import { existsSync, type FSWatcher, readdirSync, rmSync, statSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit } from '../core/lifecycle.ts';

export interface RunRecord {
  readonly claimed: boolean;
  readonly waiter: number | null;
  readonly pid: number | null;
  /** Start time of `pid` in clock ticks since boot: pids are used again. Null before `pid`, and where it cannot be known. */
  readonly started: number | null;
  readonly exit: Exit | null;
}

type Listener = (id: string, record: RunRecord) => void;

/** `api-3.claim`, `api-3.waiter.PID`, `api-3.pid.PID.STARTED`, `api-3.exit.STATUS`. */
const NAME = /^(.+-\d+)\.(claim|waiter|pid|exit)(?:\.(\d+))?(?:\.(\d+))?$/;
const FENCED = 'fenced';
const EMPTY: RunRecord = { claimed: false, waiter: null, pid: null, started: null, exit: null };

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
      writeFileSync(this.#claimOf(id), FENCED, { flag: 'wx', mode: 0o600 });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      // A full disk takes the name without the word in it, and the name is what stops a start.
      if ((error as NodeJS.ErrnoException).code === 'ENOSPC' && existsSync(this.#claimOf(id))) return true;
      throw error;
    }
  }

  /** The claim was made by a fence, not by a waiter, whose claims are empty. */
  isFenced(id: string): boolean {
    return (statSync(this.#claimOf(id), { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  #claimOf(id: string): string {
    return join(this.directory, `${id}.claim`);
  }

  /** Whatever the run left here, also what has not been read yet. */
  discard(id: string): void {
    for (const name of list(this.directory))
      if (NAME.exec(name)?.[1] === id) rmSync(join(this.directory, name), { force: true });
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
    if (isKnown(before, match)) return;
    const at = this.#time(name);
    // A watch also tells of names that were just removed.
    if (at === null) return;
    const after = taken(before, match, at);
    this.#records.set(id, after);
    for (const listener of this.#listeners) listener(id, after);
  }

  #time(name: string): number | null {
    const facts = statSync(join(this.directory, name), { throwIfNoEntry: false });
    return facts === undefined ? null : Math.round(facts.mtimeMs);
  }
}

function isKnown(record: RunRecord, [, , kind]: RegExpExecArray): boolean {
  if (kind === 'claim') return record.claimed;
  return record[kind === 'waiter' || kind === 'pid' ? kind : 'exit'] !== null;
}

function taken(record: RunRecord, [, , kind, first, second]: RegExpExecArray, at: number): RunRecord {
  const number = Number(first);
  switch (kind) {
    case 'claim':
      return { ...record, claimed: true };
    case 'waiter':
      return { ...record, waiter: number };
    case 'pid':
      return { ...record, pid: number, started: second === undefined ? null : Number(second) };
    default:
      return { ...record, exit: exitOf(number, at) };
  }
}

/** A shell tells "ended by signal N" as 128 + N; a program that exits with such a code by itself cannot be told apart. */
function exitOf(status: number, at: number): Exit {
  const signal = status > 128 ? SIGNALS[status - 128] : undefined;
  return signal === undefined ? { code: status, signal: null, at } : { code: null, signal, at };
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
