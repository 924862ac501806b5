/** Counts for each route; adding to them costs nothing that a request would notice. It must not know requests. */

import { LATENCY_BOUNDS, type RouteStatistics } from '../core/traffic.ts';

export class RouteCounter {
  #requests = 0;
  #errors = 0;
  #open = 0;
  #totalMs = 0;
  readonly #latency = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);

  began(): void {
    this.#open += 1;
  }

  /** It goes on elsewhere, and is counted there. */
  left(): void {
    this.#open -= 1;
  }

  /** `status` 0: there was no reply. `ms`: from the request's head to the reply's last byte. */
  finished(status: number, ms: number): void {
    this.#open -= 1;
    this.#requests += 1;
    this.#totalMs += ms;
    if (status === 0 || status >= 500) this.#errors += 1;
    let index = 0;
    while (index < LATENCY_BOUNDS.length && ms > (LATENCY_BOUNDS[index] ?? 0)) index += 1;
    this.#latency[index] = (this.#latency[index] ?? 0) + 1;
  }

  describe(id: string): RouteStatistics {
    return {
      id,
      requests: this.#requests,
      errors: this.#errors,
      open: this.#open,
      totalMs: this.#totalMs,
      latency: [...this.#latency],
    };
  }
}
