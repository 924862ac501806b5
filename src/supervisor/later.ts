/** Gathers work that is cheaper when it is done together. It must not know what the work is. */

/** Of the time at most the twentieth part goes into it: where it is dear, more is gathered. */
const REST = 20;

export class Later {
  readonly #withinMs: number;
  readonly #longestMs: number;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pauseMs: number;

  constructor(withinMs: number, longestMs: number) {
    this.#withinMs = withinMs;
    this.#longestMs = longestMs;
    this.#pauseMs = withinMs;
  }

  /** Done within the given time, or the longest where it takes long, in one turn of the event loop with whatever else was added. Must not throw. */
  add(work: () => void): void {
    this.#waiting.push(work);
    this.#timer ??= setTimeout(() => this.now(), this.#pauseMs);
  }

  /** Does what waits at once: somebody is about to do the same anyway. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.length === 0) return;
    const began = performance.now();
    for (const work of this.#waiting.splice(0)) work();
    const wanted = (performance.now() - began) * REST;
    this.#pauseMs = Math.min(this.#longestMs, Math.max(this.#withinMs, wanted));
  }
}
