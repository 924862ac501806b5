/** One link: listens while it should, has connections and counts them, and puts its faults in force. It must not know other links. */

import type { Socket } from 'node:net';
import type { GatewayLink, LinkPlace, LinkStatistics } from '../../core/link.ts';
import { Doorkeeper } from '../guard/doorkeeper.ts';
import type { Lookout } from '../guard/lookout.ts';
import type { Alarm, Alarms } from './alarms.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { type Force, nextEnd, renewForces } from './force.ts';
import { Listener } from './listener.ts';
import { Meter } from './meter.ts';

const MOST_CALLERS = 1000;

export class Link implements ConnectionHost, Alarm {
  slot = -1;
  at = 0;
  readonly alarms: Alarms;
  readonly dialMs: number;
  readonly meter = new Meter();
  readonly #listener: Listener;
  readonly #doorkeeper: Doorkeeper;
  readonly #connections = new Set<Connection>();
  #wish: GatewayLink;
  #forces: readonly Force[] = [];

  constructor(wish: GatewayLink, alarms: Alarms, dialMs: number, lookout: Lookout) {
    this.alarms = alarms;
    this.dialMs = dialMs;
    this.#wish = wish;
    this.#doorkeeper = new Doorkeeper(lookout);
    this.#listener = new Listener(wish.listen, alarms, (socket) => this.#accept(socket));
    this.apply(wish);
  }

  get listen(): LinkPlace {
    return this.#wish.listen;
  }

  get upstream(): LinkPlace | null {
    return this.#wish.upstream;
  }

  /** Resolves when it listens, or the attempt has failed, and when its faults meet each connection that is open. */
  async settled(): Promise<void> {
    await this.#listener.settled;
    await Promise.all([...this.#connections].flatMap(({ returning }) => returning ?? []));
  }

  /** Those that no fault meets. */
  get plain(): Iterable<Connection> {
    return this.#forces.length > 0 ? [] : this.#connections;
  }

  /** `wish.listen` is the same as ever: another place is another link. */
  apply(wish: GatewayLink): void {
    this.#wish = wish;
    if (wish.guard !== undefined) this.#doorkeeper.prepare();
    this.#renew();
    if (!wish.enabled) this.#resetAll();
  }

  /** About once a second. */
  look(now: number, wallClock: number): void {
    this.meter.look(now);
    // The clock was set, or the machine slept: timers do not tell.
    if (this.#wish.faults.some(({ until }) => until !== null && until <= wallClock)) this.#renew();
  }

  /** A fault's time is over. */
  due(): void {
    this.#renew();
  }

  gone(connection: Connection): void {
    this.#connections.delete(connection);
  }

  close(): void {
    this.alarms.put(this, Number.POSITIVE_INFINITY);
    this.#listener.close();
    this.#resetAll();
  }

  describe(): LinkStatistics {
    const { meter } = this;
    return {
      id: this.#wish.id,
      listen: this.listen,
      error: this.#listener.error,
      listening: this.#listener.listening,
      connections: this.#connections.size,
      accepted: meter.accepted,
      bytesIn: meter.bytesIn,
      bytesOut: meter.bytesOut,
      rateIn: meter.rateIn,
      rateOut: meter.rateOut,
      connectMs: meter.connectMs,
      firstByteMs: meter.firstByteMs,
      lastError: meter.lastError,
      faults: this.#forces.map(({ fault }) => fault.name),
      callers: [...take(this.#connections, MOST_CALLERS)].map(({ name }) => name),
      ...(this.#wish.guard === undefined ? {} : { refused: this.#doorkeeper.refused }),
    };
  }

  #renew(): void {
    const now = Date.now();
    const { faults } = this.#wish;
    const forces = renewForces(this.#forces, faults, now);
    const changed = forces.length > 0 || this.#forces.length > 0;
    this.#forces = forces;
    this.alarms.put(this, this.alarms.now() + (nextEnd(faults, now) - now));
    if (changed) for (const connection of this.#connections) connection.change(forces);
    this.#listen();
  }

  #listen(): void {
    const { enabled, upstream } = this.#wish;
    if (enabled && upstream !== null && !this.#refusesAll()) this.#listener.open();
    else this.#listener.close();
  }

  /** Only where nobody listens does a caller see ECONNREFUSED. */
  #refusesAll(): boolean {
    return this.#forces.some(
      ({ fault, part }) => fault.probability >= 1 && part.greeting?.(fault.settings).kind === 'refuse',
    );
  }

  #accept(socket: Socket): void {
    const { guard, listen } = this.#wish;
    if (guard === undefined) this.#greet(socket);
    else this.#doorkeeper.admit(socket, listen, guard, (admitted) => this.#greet(admitted));
  }

  #greet(socket: Socket): void {
    this.meter.accepted += 1;
    const connection = Connection.greet(socket, this, this.#forces);
    if (connection !== null) this.#connections.add(connection);
  }

  #resetAll(): void {
    this.#doorkeeper.close();
    for (const connection of this.#connections) connection.reset();
  }
}

function* take<T>(from: Iterable<T>, most: number): Iterable<T> {
  let count = 0;
  for (const item of from) {
    if (count === most) return;
    count += 1;
    yield item;
  }
}
