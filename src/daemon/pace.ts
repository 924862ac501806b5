/**
 * When changes are told to the gateway: routes together, after a pause that leaves most of the time to others; links at once. It must
 * not know what is told.
 */

/** Changes of routes travel together, in ms: a start is many of them. */
const GATHER_MS = 25;
/** Where routes take long, they are gathered so many times as long: they must not take the time of a start. */
const REST = 10;
const LONGEST_GATHER_MS = 250;

export class Pace {
  readonly #tell: (withRoutes: boolean) => void;
  #later: NodeJS.Timeout | null = null;
  #soon: NodeJS.Immediate | null = null;
  #pauseMs = GATHER_MS;

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
    this.#pauseMs = Math.min(LONGEST_GATHER_MS, Math.max(GATHER_MS, ms * REST));
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
