/** All links of the gateway: which come, go and stay when there is a new list of them. It must not know how one works. */

import type { GatewayLink, LinkStatistics } from '../../core/link.ts';
import { type Lookout, NO_LOOKOUT } from '../guard/lookout.ts';
import { Alarms } from './alarms.ts';
import { Link } from './link.ts';

/**
 * On loopback a service that lives takes a connection in less than 1 ms, unless its queue is full: then the system asks again after 1,
 * 3, 7 and 15 s.
 */
const DIAL_MS = 20_000;

export class Links {
  readonly #alarms = new Alarms();
  readonly #links = new Map<string, Link>();
  readonly #dialMs: number;
  readonly #lookout: Lookout;

  /** `dialMs`: how long a service may take to accept a connection. `lookout`: tells who calls guarded links. */
  constructor(dialMs = DIAL_MS, lookout = NO_LOOKOUT) {
    this.#dialMs = dialMs;
    this.#lookout = lookout;
  }

  /** Links that are the same afterwards keep their connections. */
  apply(wishes: readonly GatewayLink[]): void {
    const wanted = new Map(wishes.map((wish) => [wish.id, wish]));
    for (const [id, link] of this.#links) {
      const wish = wanted.get(id);
      if (wish !== undefined && samePlace(link, wish)) continue;
      // Before any is opened: another link may get its address.
      link.close();
      this.#links.delete(id);
    }
    for (const wish of wishes) {
      const link = this.#links.get(wish.id);
      if (link === undefined)
        this.#links.set(wish.id, new Link(wish, this.#alarms, this.#dialMs, this.#lookout));
      else link.apply(wish);
    }
  }

  /** Resolves when each that should listen does, or could not. */
  async settled(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.settled));
  }

  /** Things that wait for their time: a figure that must come back to what it was. */
  get waiting(): number {
    return this.#alarms.size;
  }

  /** About once a second. */
  sweep(now: number): void {
    const wallClock = Date.now();
    for (const link of this.#links.values()) link.look(now, wallClock);
  }

  statistics(): readonly LinkStatistics[] {
    return [...this.#links.values()].map((link) => link.describe());
  }

  close(): void {
    for (const link of this.#links.values()) link.close();
    this.#links.clear();
    this.#lookout.close();
    this.#alarms.close();
  }
}

function samePlace(link: Link, wish: GatewayLink): boolean {
  return link.listen.address === wish.listen.address && link.listen.port === wish.listen.port;
}
