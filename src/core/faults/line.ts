/**
 * How much of what waits has passed a line of a given rate. Its clock is what was sent, not when timers came: being called late does
 * not add up. Pure; times come in, in ms.
 */

export class Line {
  #rate: number;
  /** When the last byte that was sent had passed. */
  #passed: number;

  /** `rate`: bytes per second. */
  constructor(rate: number, now: number) {
    this.#rate = rate;
    this.#passed = now;
  }

  /** Something begins to wait where nothing did: the time before cannot be used. */
  begin(now: number): void {
    this.#passed = Math.max(this.#passed, now);
  }

  /** Whole bytes that can have passed by now, since the last one that was sent. */
  ready(now: number): number {
    return Math.max(0, Math.floor(((now - this.#passed) * this.#rate) / 1000 + ROUNDING));
  }

  sent(bytes: number): void {
    this.#passed = this.when(bytes);
  }

  /** When so many more bytes will have passed. */
  when(bytes: number): number {
    return this.#passed + (bytes * 1000) / this.#rate;
  }

  change(rate: number, now: number): void {
    this.#rate = rate;
    this.#passed = Math.max(this.#passed, now);
  }
}

/** Of a byte: what adding up fractions loses, so that the byte whose time has come is not put off. */
const ROUNDING = 1e-6;
