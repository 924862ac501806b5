/** Gathers work that is cheaper when it is done together. It must not know what the work is. */

import { type Pacing, pauseAfter } from '../core/pacing.ts';

export class Later {
  readonly #pacing: Pacing;
  readonly #waiting: (() => void)[] = [];
  #timer: NodeJS.Timeout | undefined;
  #pauseMs: number;

  constructor(pacing: Pacing) {
    this.#pacing = pacing;
    this.#pauseMs = pacing.least;
  }

  /** Done after the pause, in one turn of the event loop with whatever else was added. Must not throw. */
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
    this.#pauseMs = pauseAfter(performance.now() - began, this.#pacing);
  }
}
