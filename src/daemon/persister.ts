/**
 * Writes one document soon after it changed, several changes together. It must not know what the document holds.
 */

/** What a crash in between loses is told again by the run records. */
const AFTER_MS = 300;

export class Persister {
  readonly #write: () => void;
  readonly #report: (error: unknown) => void;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(write: () => void, report: (error: unknown) => void) {
    this.#write = write;
    this.#report = report;
  }

  /** Errors: those of the write, e.g. STATE_UNWRITABLE. */
  now(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (!this.#closed) this.#write();
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
    if (!this.#closed) this.#timer ??= setTimeout(() => this.quietly(), AFTER_MS);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#closed = true;
  }
}
