/** All links of the gateway: which come, go and stay when there is a new list of them. It must not know how one works. */

import type { CarrierStatus } from '../../core/gateway.ts';
import type { GatewayLink, LinkStatistics } from '../../core/link.ts';
import { Spread, type SpreadOptions } from '../carrier/spread.ts';
import { type Lookout, NO_LOOKOUT } from '../guard/lookout.ts';
import { Alarms } from './alarms.ts';
import type { Connection } from './connection.ts';
import { Link } from './link.ts';

/**
 * On loopback a service that lives takes a connection in less than 1 ms, unless its queue is full: then the system asks again after 1,
 * 3, 7 and 15 s.
 */
const DIAL_MS = 20_000;

export interface LinksOptions {
  /** How long a service may take to accept a connection. */
  readonly dialMs?: number;
  /** How more than one core is used; null: never. */
  readonly spread?: SpreadOptions | null;
  /** Tells who calls guarded links. */
  readonly lookout?: Lookout;
}

export class Links {
  readonly #alarms = new Alarms();
  readonly #links = new Map<string, Link>();
  readonly #dialMs: number;
  readonly #spread: Spread | null;
  readonly #lookout: Lookout;

  constructor({ dialMs = DIAL_MS, spread = null, lookout = NO_LOOKOUT }: LinksOptions = {}) {
    this.#dialMs = dialMs;
    this.#spread = spread === null ? null : new Spread(spread, () => this.#plain());
    this.#lookout = lookout;
  }

  /** Links that are the same afterwards keep their connections. */
  apply(wishes: readonly GatewayLink[]): void {
    const wanted = new Map(wishes.map((wish) => [wish.id, wish]));
    for (const [id, link] of this.#links) {
      const wish = wanted.get(id);
      if (wish !== undefined && samePlace(link, wish)) continue;
      // Before any is opened: another link may get its address.
      this.#drop(id);
    }
    for (const wish of wishes) this.#serve(wish);
  }

  /** As `apply`, told in differences. */
  change(wishes: readonly GatewayLink[], gone: readonly string[]): void {
    for (const id of gone) this.#drop(id);
    for (const wish of wishes) {
      const link = this.#links.get(wish.id);
      if (link !== undefined && !samePlace(link, wish)) this.#drop(wish.id);
    }
    for (const wish of wishes) this.#serve(wish);
  }

  /** Resolves when each (of `ids`) that should listen does, or could not, and its faults are in force everywhere. */
  async settled(ids: Iterable<string> = this.#links.keys()): Promise<void> {
    await Promise.all(Array.from(ids, (id) => this.#links.get(id)?.settled()));
  }

  /** Things that wait for their time: a figure that must come back to what it was. */
  get waiting(): number {
    return this.#alarms.size;
  }

  /** About once a second. */
  sweep(now: number): void {
    const wallClock = Date.now();
    for (const link of this.#links.values()) link.look(now, wallClock);
    this.#spread?.sweep();
  }

  get carriers(): readonly CarrierStatus[] {
    return this.#spread?.carriers ?? [];
  }

  statistics(): readonly LinkStatistics[] {
    return [...this.#links.values()].map((link) => link.describe());
  }

  statisticsOf(ids: Iterable<string>): readonly LinkStatistics[] {
    return Array.from(ids).flatMap((id) => this.#links.get(id)?.describe() ?? []);
  }

  /** Resolves when nothing is left of what it started. */
  async close(): Promise<void> {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#lookout.close();
    this.#alarms.close();
    await this.letGo();
  }

  /** Ends the carriers, as if there were no more links. */
  async letGo(): Promise<void> {
    await this.#spread?.close();
  }

  *#plain(): Iterable<Connection> {
    for (const link of this.#links.values()) yield* link.plain;
  }

  #serve(wish: GatewayLink): void {
    const link = this.#links.get(wish.id);
    if (link === undefined)
      this.#links.set(wish.id, new Link(wish, this.#alarms, this.#dialMs, this.#lookout));
    else link.apply(wish);
  }

  #drop(id: string): void {
    this.#links.get(id)?.close();
    this.#links.delete(id);
  }
}

function samePlace(link: Link, wish: GatewayLink): boolean {
  return link.listen.address === wish.listen.address && link.listen.port === wish.listen.port;
}
