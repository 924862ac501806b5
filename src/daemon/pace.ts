/**
 * When changes are told to the gateway: routes together, after a pause that leaves most of the time to others; links at once. It must
 * not know what is told.
 */

import { type Pacing, pauseAfter } from '../core/pacing.ts';

/** Changes of routes travel together: a start is many of them, and telling them must not take its time. */
const GATHER: Pacing = { least: 25, longest: 250, rest: 10 };

export class Pace {
  readonly #tell: (withRoutes: boolean) => void;
  #later: NodeJS.Timeout | null = null;
  #soon: NodeJS.Immediate | null = null;
  #pauseMs = GATHER.least;

  constructor(tell: (withRoutes: boolean) => void) {
    this.#tell = tell;
  }

  get isWaiting(): boolean {
    return this.#later !== null || this.#soon !== null;
  }

  later(): void {
    this.#later ??= setTimeout(() => this.#go(true), this.#pauseMs);
  }

  /** Without the routes, if they wait. */
  soon(): void {
    this.#soon ??= setImmediate(() => this.#go(false));
  }

  /** All that waits. */
  now(): void {
    if (this.isWaiting) this.#go(this.#later !== null);
  }

  /** So long did routes take, in ms. */
  took(ms: number): void {
    this.#pauseMs = pauseAfter(ms, GATHER);
  }

  drop(): void {
    this.#dropLater();
    this.#dropSoon();
  }

  #go(withRoutes: boolean): void {
    if (withRoutes) this.#dropLater();
    this.#dropSoon();
    this.#tell(withRoutes);
  }

  #dropLater(): void {
    if (this.#later !== null) clearTimeout(this.#later);
    this.#later = null;
  }

  #dropSoon(): void {
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#soon = null;
  }
}
