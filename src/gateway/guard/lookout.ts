/**
 * Asks the thread that finds out who calls (`worker.ts`). Questions that come during a look wait for the next one, so a look serves
 * many; when none can be had, everybody is refused. It must not know how a caller is found.
 */

import { Worker } from 'node:worker_threads';
import type { Caller } from '../../core/guard.ts';
import type { CallQuestion, Refusal } from './question.ts';

export interface Lookout {
  /** Somebody may be asked about soon. */
  prepare(): void;
  /** Never throws: who cannot be looked at is refused. */
  ask(question: CallQuestion): Promise<Refusal>;
  close(): void;
}

interface Asked {
  readonly question: CallQuestion;
  answer(refusal: Refusal): void;
}

export class ThreadLookout implements Lookout {
  readonly #program: string;
  #worker: Worker | null = null;
  #waiting: Asked[] = [];
  #asked: readonly Asked[] = [];
  #gathering = false;

  /** `program`: path of the shipped `lookout.js`. */
  constructor(program: string) {
    this.#program = program;
  }

  prepare(): void {
    this.#worker ??= this.#start();
  }

  ask(question: CallQuestion): Promise<Refusal> {
    return new Promise((answer) => {
      this.#waiting.push({ question, answer });
      if (this.#gathering) return;
      this.#gathering = true;
      // Whoever else is accepted in this turn comes along.
      setImmediate(() => {
        this.#gathering = false;
        this.#next();
      });
    });
  }

  close(): void {
    const worker = this.#worker;
    this.#worker = null;
    void worker?.terminate();
    this.#fail('the gateway ends');
  }

  #next(): void {
    if (this.#asked.length > 0 || this.#waiting.length === 0) return;
    this.prepare();
    this.#asked = this.#waiting;
    this.#waiting = [];
    this.#worker?.ref();
    this.#worker?.postMessage(this.#asked.map(({ question }) => question));
  }

  #start(): Worker {
    const worker = new Worker(this.#program);
    worker.on('message', (refusals: readonly Refusal[]) => {
      const asked = this.#asked;
      this.#asked = [];
      worker.unref();
      for (const [index, { answer }] of asked.entries())
        answer(refusals[index] === undefined ? NOBODY : refusals[index]);
      this.#next();
    });
    worker.on('error', (error: Error) => this.#lost(worker, error.message));
    worker.on('exit', () => this.#lost(worker, 'its thread ended'));
    // Nobody waits for one that has nothing to do.
    worker.unref();
    return worker;
  }

  /** The next question starts another one. */
  #lost(worker: Worker, reason: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#fail(reason);
  }

  #fail(reason: string): void {
    const all = [...this.#asked, ...this.#waiting];
    this.#asked = [];
    this.#waiting = [];
    for (const { answer } of all)
      answer({ ...NOBODY, program: `somebody who could not be looked at (${reason})` });
  }
}

const NOBODY: Caller = { pid: null, program: 'somebody who could not be looked at', service: null };

/** Where there is nobody to ask, nobody gets through. */
export const NO_LOOKOUT: Lookout = {
  prepare: () => undefined,
  ask: async () => NOBODY,
  close: () => undefined,
};
