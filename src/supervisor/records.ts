/**
 * The run records of one environment's directory: who was started with which pid, and how it ended. One watch on the directory
 * serves all runs. It must not know processes.
 */

import { existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Exit } from '../core/lifecycle.ts';
import { parseRunRecord, type RunRecordName } from '../core/run-record.ts';
import { DirectoryEvents } from './directory-events.ts';
import { exitOf } from './exit-status.ts';

export interface RunRecord {
  readonly claimed: boolean;
  readonly waiter: number | null;
  readonly pid: number | null;
  /** Start time of `pid` in clock ticks since boot: pids are used again. Null before `pid`, and where it cannot be known. */
  readonly started: number | null;
  readonly exit: Exit | null;
  /** The program ended, and this process, which nobody waits for, goes on as the run. */
  readonly background: { readonly pid: number; readonly started: number } | null;
}

type Listener = (id: string, record: RunRecord) => void;

const FENCED = 'fenced';
const EMPTY: RunRecord = {
  claimed: false,
  waiter: null,
  pid: null,
  started: null,
  exit: null,
  background: null,
};

export class RunRecords {
  readonly directory: string;
  readonly #records = new Map<string, RunRecord>();
  readonly #listeners = new Set<Listener>();
  #events: DirectoryEvents | null = null;

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
    const listening = this.#listen(listener);
    for (const [id, record] of this.#records) listener(id, record);
    return listening;
  }

  /** Reads the directory anew: what a watch may have missed is told now. */
  scan(): void {
    const changed = new Set<string>();
    for (const name of list(this.directory)) {
      const id = this.#take(name);
      if (id !== null) changed.add(id);
    }
    for (const id of changed) this.#tell(id);
  }

  /** Resolves when `test` holds for the run's record, or `giveUp` does. */
  async until(
    id: string,
    test: (record: RunRecord) => boolean,
    giveUp: Promise<unknown>,
  ): Promise<RunRecord> {
    let listening: Disposable | undefined;
    const met = new Promise<void>((resolve) => {
      listening = this.#listen((which, record) => {
        if (which === id && test(record)) resolve();
      });
      if (test(this.get(id))) resolve();
    });
    await Promise.race([met, giveUp]);
    listening?.[Symbol.dispose]();
    if (!test(this.get(id))) this.scan();
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

  /** The run goes on as a process in the background: kept for a later daemon, as everything else is. */
  noteBackground(id: string, pid: number, started: number): void {
    writeFileSync(join(this.directory, `${id}.background.${pid}.${started}`), '', { mode: 0o600 });
    this.#records.set(id, { ...this.get(id), background: { pid, started } });
    this.#tell(id);
  }

  /** Whatever the run left here, also what has not been read yet. */
  discard(id: string): void {
    for (const name of list(this.directory))
      if (name.startsWith(`${id}.`)) rmSync(join(this.directory, name), { force: true });
    this.#records.delete(id);
  }

  #claimOf(id: string): string {
    return join(this.directory, `${id}.claim`);
  }

  /** With the first listener the directory is watched and read; every later one relies on that. */
  #listen(listener: Listener): Disposable {
    this.#listeners.add(listener);
    if (this.#events === null) {
      this.#events = new DirectoryEvents(this.directory, (name) => this.#onEvent(name));
      this.scan();
    } else this.#events.expect();
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size > 0) return;
        this.#events?.close();
        this.#events = null;
      },
    };
  }

  #onEvent(name: string | null): void {
    if (name === null) {
      this.scan();
      return;
    }
    const id = this.#take(name);
    if (id !== null) this.#tell(id);
  }

  #tell(id: string): void {
    for (const listener of this.#listeners) listener(id, this.get(id));
  }

  /** The run that the name told something new about. */
  #take(name: string): string | null {
    const told = parseRunRecord(name);
    if (told === null) return null;
    const { id } = told;
    const before = this.get(id);
    if (isKnown(before, told)) return null;
    const at = this.#time(name);
    // A watch also tells of names that were just removed.
    if (at === null) return null;
    this.#records.set(id, taken(before, told, at));
    return id;
  }

  #time(name: string): number | null {
    const facts = statSync(join(this.directory, name), { throwIfNoEntry: false });
    return facts === undefined ? null : Math.round(facts.mtimeMs);
  }
}

function isKnown(record: RunRecord, { kind }: RunRecordName): boolean {
  return kind === 'claim' ? record.claimed : record[kind] !== null;
}

function taken(record: RunRecord, { kind, first, second }: RunRecordName, at: number): RunRecord {
  const number = first ?? 0;
  switch (kind) {
    case 'claim':
      return { ...record, claimed: true };
    case 'waiter':
      return { ...record, waiter: number };
    case 'pid':
      return { ...record, pid: number, started: second };
    case 'background':
      return { ...record, background: { pid: number, started: second ?? 0 } };
    default:
      return { ...record, exit: exitOf(number, at) };
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Removed with its environment.
    return [];
  }
}
