/**
 * Writes one document soon after it changed, several changes together. It must not know what the document holds.
 */

import { type Pacing, pauseAfter } from '../core/pacing.ts';

/** What a crash in between loses is told again by the run records. A slow disk gets longer pauses. */
const GATHER: Pacing = { least: 300, longest: 1500, rest: 20 };

export class Persister {
  readonly #write: () => void;
  readonly #report: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #afterMs = GATHER.least;

  constructor(write: () => void, report: (error: unknown) => void) {
    this.#write = write;
    this.#report = report;
  }

  /** Errors: those of the write, e.g. STATE_UNWRITABLE. */
  now(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#closed) return;
    const began = performance.now();
    this.#write();
    this.#afterMs = pauseAfter(performance.now() - began, GATHER);
  }

  /** A full disk must not stop what runs: the state in memory is whole, and the next change tries again. */
  quietly(): void {
    try {
      this.now();
    } catch (error) {
      this.#report(error);
    }
  }

  soon(): void {
    if (!this.#closed) this.#timer ??= setTimeout(() => this.quietly(), this.#afterMs);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#closed = true;
  }
}
