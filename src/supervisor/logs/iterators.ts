/** How streams of batches are handed to readers that come one item at a time, leave early or never say that they left. */

export type Batches<T> = AsyncGenerator<readonly T[], void>;

/**
 * An iterator over what `start` makes that ends, and lets go of its files, when the reader leaves or the signal is aborted. A
 * generator that waits hears of it through the signal that it is given; one that waits to be asked again is told to return.
 */
export function leavable<T>(
  signal: AbortSignal,
  start: (ended: AbortSignal) => Batches<T>,
): AsyncIterator<readonly T[], undefined> {
  const ended = new AbortController();
  const batches = start(ended.signal);
  const leave = async (): Promise<IteratorResult<readonly T[], undefined>> => {
    signal.removeEventListener('abort', onAbort);
    ended.abort();
    await batches.return();
    return { value: undefined, done: true };
  };
  // Errors on the way out were told to whoever asked for the batch that failed.
  const onAbort = (): void => void leave().catch(() => undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  return {
    next: async () => {
      const result = await batches.next();
      if (result.done !== true) return { value: result.value, done: false };
      signal.removeEventListener('abort', onAbort);
      return { value: undefined, done: true };
    },
    return: leave,
  };
}

/** Hands out batches item by item, without a generator's cost for each of them. */
export class ItemIterator<T> implements AsyncIterator<T, undefined> {
  readonly #batches: AsyncIterator<readonly T[], undefined>;
  #batch: readonly T[] = [];
  #next = 0;

  constructor(batches: AsyncIterator<readonly T[], undefined>) {
    this.#batches = batches;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#next >= this.#batch.length) return this.#nextBatch();
    return Promise.resolve({ value: this.#batch[this.#next++] as T, done: false });
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#batch = [];
    await this.#batches.return?.();
    return { value: undefined, done: true };
  }

  async #nextBatch(): Promise<IteratorResult<T, undefined>> {
    for (;;) {
      const { value, done } = await this.#batches.next();
      if (done === true) return { value: undefined, done };
      if (value.length === 0) continue;
      this.#batch = value;
      this.#next = 1;
      return { value: value[0] as T, done: false };
    }
  }
}
