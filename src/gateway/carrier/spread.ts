/**
 * When links have more than one core: carriers are started while the gateway is busy with several connections, given a share of them, and
 * ended when one process would do. It must not know how connections are carried, nor what they are.
 */

import { performance } from 'node:perf_hooks';
import type { CarrierStatus } from '../../core/gateway.ts';
import { Carrier } from './carrier.ts';
import { share } from './share.ts';
import { LEAST_EACH } from './words.ts';

/** A connection, as far as its place is concerned. */
export interface Movable {
  /** What it had to do since this was last asked, as `loadOf` counts it. */
  takeLoad(): number;
  /** It may go now, without anything being lost. */
  readonly isMovable: boolean;
  lendTo(carrier: Carrier): void;
}

interface Candidate {
  readonly connection: Movable;
  /** In each ms. */
  readonly load: number;
}

export interface SpreadOptions {
  /** The shipped `carrier.js`. */
  readonly program: string;
  /** Carriers at once, at least 1. */
  readonly most: number;
  /** `always`: every connection, whether the gateway is busy or not. */
  readonly when: 'busy' | 'always';
  /** How long there must be little to do before a carrier ends, in ms. */
  readonly quietMs?: number;
  /** How often it looks while it matters, in ms. */
  readonly lookMs?: number;
  /** How long a carrier may take to give back what it is asked for, in ms. */
  readonly patienceMs?: number;
  report(error: unknown): void;
}

/** So often while there is something to share, in ms. */
const LOOK_MS = 250;
/** Share of time in which an event loop does not wait: above, more connections would be carried by more processes. */
const BUSY = 0.5;
/** Below this in all processes together, one does; also below so many reads in each ms, since a busy machine makes all seem busy. */
const QUIET = 0.3;
const QUIET_LOAD = 0.5;
const QUIET_MS = 30_000;
const PATIENCE_MS = 10_000;
/** Reads in each ms: with fewer it is the machine that is busy, not the gateway. */
const LEAST_LOAD = 1;
/** After one that ended without being told to, in ms. */
const PAUSE_MS = 2000;
/** To one carrier at once: each takes a turn or two of its loop, and who is recalled waits behind them. */
const MOST_UNDER_WAY = 2;

export class Spread {
  readonly #options: SpreadOptions;
  readonly #connections: () => Iterable<Movable>;
  readonly #carriers = new Set<Carrier>();
  readonly #moving = new Map<Movable, Carrier>();
  #timer: NodeJS.Timeout | null = null;
  #usage = performance.eventLoopUtilization();
  #looked = performance.now();
  /** The last look counted what connections carry. */
  #counts = false;
  /** Since when one process would do. */
  #quietSince = Number.POSITIVE_INFINITY;
  #notBefore = 0;
  #closed = false;

  /** `connections`: those that no fault meets. */
  constructor(options: SpreadOptions, connections: () => Iterable<Movable>) {
    this.#options = options;
    this.#connections = connections;
  }

  get carriers(): readonly CarrierStatus[] {
    return [...this.#carriers].map(({ pid, connections }) => ({ pid, connections }));
  }

  /** About once a second. */
  sweep(): void {
    if (this.#timer === null) this.#look();
  }

  #look(): void {
    const now = performance.now();
    const usage = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(usage, this.#usage);
    // Where there is a carrier already, it costs nothing to use it.
    const least = this.#carriers.size > 0 ? QUIET : BUSY;
    const isBusy = this.#options.when === 'always' || utilization >= least;
    const counts = isBusy || this.#carriers.size > 0;
    if (counts) {
      const { load, movable } = this.#count(now - this.#looked);
      // What was counted while nobody looked says nothing about now.
      if (isBusy && this.#counts) this.#spread(movable, utilization >= BUSY);
      this.#leave(now, utilization, load);
    }
    this.#usage = usage;
    this.#looked = now;
    this.#counts = counts;
    this.#lookSoon();
  }

  /** All carriers end; what they still carry is reset. Resolves when they have. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#moving.clear();
    const carriers = [...this.#carriers];
    for (const carrier of carriers) carrier.close();
    await Promise.all(carriers.map(({ gone }) => gone));
  }

  /** All of it, and who could go. `ms`: since it was last counted. */
  #count(ms: number): { readonly load: number; readonly movable: readonly Candidate[] } {
    const movable: Candidate[] = [];
    let all = 0;
    for (const connection of this.#connections()) {
      const load = connection.takeLoad() / ms;
      all += load;
      if (connection.isMovable) movable.push({ connection, load });
    }
    return { load: all, movable };
  }

  /** `mayStart`: another carrier, if those that there are do not do. */
  #spread(movable: readonly Candidate[], mayStart: boolean): void {
    this.#moving.clear();
    const carriers = [...this.#carriers].filter(({ takes }) => takes);
    if (this.#options.when === 'always') this.#spreadAll(movable, carriers);
    else
      this.#spreadSome(
        movable.filter(({ load }) => load >= LEAST_EACH),
        carriers,
        mayStart,
      );
    this.#move();
  }

  #spreadSome(own: readonly Candidate[], carriers: readonly Carrier[], mayStart: boolean): void {
    // What moved just now would be counted nowhere.
    if (!carriers.every(({ isSettled }) => isSettled)) return;
    const sorted = [...own].sort((one, other) => other.load - one.load);
    const counts = carriers.map(({ active }) => active);
    const moves = share(sorted, counts);
    for (const [{ connection }, place] of moves) {
      const carrier = carriers[place];
      if (carrier !== undefined) this.#moving.set(connection, carrier);
    }
    if (!mayStart || moves.size > 0 || !carriers.every(({ busy }) => busy >= BUSY)) return;
    const load = own.reduce((sum, one) => sum + one.load, 0);
    if (load >= LEAST_LOAD && share(sorted, [...counts, 0]).size > 0) this.#start();
  }

  #spreadAll(own: readonly Candidate[], carriers: readonly Carrier[]): void {
    if (own.length > 0 && this.#carriers.size < this.#options.most) this.#start();
    for (const [index, { connection }] of own.entries()) {
      const carrier = carriers[index % carriers.length];
      if (carrier !== undefined) this.#moving.set(connection, carrier);
    }
  }

  #start(): void {
    // One after the other: what it takes off the gateway is not known before it does.
    const isStarting = [...this.#carriers].some(({ takes, isLeaving }) => !takes && !isLeaving);
    if (isStarting || this.#carriers.size >= this.#options.most || performance.now() < this.#notBefore)
      return;
    try {
      const carrier: Carrier = new Carrier({
        program: this.#options.program,
        patienceMs: this.#options.patienceMs ?? PATIENCE_MS,
        moved: () => this.#move(),
        ended: () => this.#ended(carrier),
      });
      this.#carriers.add(carrier);
    } catch (error) {
      // The gateway does without.
      this.#notBefore = performance.now() + PAUSE_MS;
      this.#options.report(error);
    }
  }

  #move(): void {
    const full = new Set<Carrier>();
    for (const [connection, carrier] of this.#moving) {
      if (full.size === this.#carriers.size) return;
      if (carrier.underWay >= MOST_UNDER_WAY) full.add(carrier);
      else {
        this.#moving.delete(connection);
        if (carrier.takes && connection.isMovable) connection.lendTo(carrier);
      }
    }
  }

  #ended(carrier: Carrier): void {
    this.#carriers.delete(carrier);
    if (carrier.isLeaving || this.#closed) return;
    this.#notBefore = performance.now() + PAUSE_MS;
    this.#options.report(new Error(`carrier ${carrier.pid} ended, and its connections with it`));
  }

  /** Connections come home when one process would do; a carrier without any ends. `busy`, `load`: of this process. */
  #leave(now: number, busy: number, load: number): void {
    const { quietMs = QUIET_MS, when } = this.#options;
    const carriers = [...this.#carriers];
    const isNeeded =
      when === 'always'
        ? carriers.some(({ connections }) => connections > 0)
        : carriers.reduce((sum, carrier) => sum + carrier.busy, busy) >= QUIET &&
          carriers.reduce((sum, carrier) => sum + carrier.load, load) >= QUIET_LOAD;
    if (isNeeded || carriers.length === 0) this.#quietSince = Number.POSITIVE_INFINITY;
    else this.#quietSince = Math.min(this.#quietSince, now);
    for (const carrier of carriers) {
      if (now - this.#quietSince >= quietMs && !carrier.isLeaving) {
        carrier.isLeaving = true;
        carrier.recallAll();
      }
      if (carrier.isLeaving && carrier.connections === 0) carrier.close();
    }
  }

  #lookSoon(): void {
    if (this.#timer !== null || this.#closed) return;
    if (this.#carriers.size === 0 && !(this.#counts && this.#options.when === 'busy')) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#look();
    }, this.#options.lookMs ?? LOOK_MS);
  }
}
