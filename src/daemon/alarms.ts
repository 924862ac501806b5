/** Alarms for services that pause before their next start. It must not know what an alarm leads to. */

/** A clock that jumps ahead or back moves no alarm by more than this; in ms. */
const LONGEST_MS = 600_000;

export class Alarms {
  readonly #now: () => number;
  readonly #ring: (service: string, at: number) => void;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(now: () => number, ring: (service: string, at: number) => void) {
    this.#now = now;
    this.#ring = ring;
  }

  /** `at`: epoch ms; what lies in the past rings at once. */
  set(service: string, at: number): void {
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        this.#ring(service, at);
      },
      Math.min(LONGEST_MS, Math.max(0, at - this.#now())),
    );
    this.#timers.add(timer);
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }
}
