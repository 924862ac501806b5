/** Gathers work that is cheaper when it is done together. It must not know what the work is. */

export class Later {
  readonly #withinMs: number;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /** Done within the given time, in one turn of the event loop with whatever else was added. Must not throw. */
  add(work: () => void): void {
    this.#waiting.push(work);
    this.#timer ??= setTimeout(() => this.now(), this.#withinMs);
  }

  /** Does what waits at once: somebody is about to do the same anyway. */
  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    for (const work of this.#waiting.splice(0)) work();
  }
}
