/**
 * A stream that is pushed into on one side and read as an async iterator on the other. Unlike a generator it ends at once when
 * its reader leaves, even while nothing is happening. It must not know what it carries.
 */

import { LoopyardError } from '../core/errors.ts';

/** So many unread items, and the reader is dropped: a stream of changes waits for nobody. */
const MAX_WAITING = 20_000;

type Result<T> = IteratorResult<T, undefined>;

export class Channel<T> implements AsyncIterableIterator<T, undefined> {
  readonly #items: T[] = [];
  readonly #readers: { resolve(result: Result<T>): void; reject(error: unknown): void }[] = [];
  readonly #onLeave: Set<() => void> = new Set();
  readonly #onEnd: Set<() => void> = new Set();
  #state: 'open' | 'ended' | 'left' = 'open';
  #error: { readonly thrown: unknown } | null = null;

  /** Called once when the reader leaves before the end, or is dropped. */
  onLeave(leave: () => void): void {
    if (this.#state === 'left') leave();
    else this.#onLeave.add(leave);
  }

  /** Called once when the writing side ended it. */
  onEnd(end: () => void): void {
    if (this.#state === 'ended') end();
    else this.#onEnd.add(end);
  }

  get open(): boolean {
    return this.#state === 'open';
  }

  push(item: T): void {
    if (this.#state !== 'open') return;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      reader.resolve({ value: item, done: false });
      return;
    }
    this.#items.push(item);
    if (this.#items.length <= MAX_WAITING) return;
    // A clean end would tell the reader that it has seen all.
    this.#error = { thrown: new LoopyardError('READER_TOO_SLOW', { count: MAX_WAITING }) };
    this.#leave();
  }

  /** What was pushed before is still read. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#finish();
    for (const reader of this.#readers.splice(0)) reader.resolve({ value: undefined, done: true });
  }

  fail(thrown: unknown): void {
    if (this.#state !== 'open') return;
    this.#finish();
    const reader = this.#readers.shift();
    if (reader === undefined) this.#error = { thrown };
    else reader.reject(thrown);
    for (const other of this.#readers.splice(0)) other.resolve({ value: undefined, done: true });
  }

  next(): Promise<Result<T>> {
    const item = this.#items.shift();
    if (item !== undefined) return Promise.resolve({ value: item, done: false });
    if (this.#error !== null) {
      const { thrown } = this.#error;
      this.#error = null;
      return Promise.reject(thrown);
    }
    if (this.#state !== 'open') return Promise.resolve({ value: undefined, done: true });
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<Result<T>> {
    this.#leave();
    return Promise.resolve({ value: undefined, done: true });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(): void {
    this.#state = 'ended';
    for (const end of this.#onEnd) end();
    this.#onEnd.clear();
  }

  #leave(): void {
    if (this.#state === 'left') return;
    const early = this.#state === 'open';
    this.#state = 'left';
    this.#items.length = 0;
    for (const reader of this.#readers.splice(0)) reader.resolve({ value: undefined, done: true });
    if (early) for (const leave of this.#onLeave) leave();
    this.#onLeave.clear();
  }
}
