/**
 * Answers for the engine: finds the route of a request, holds it while its service starts, says in words why it cannot go there. It
 * must not know sockets.
 */

import type { Door, GatewayRoute, GatewaySnapshot } from '../core/gateway.ts';
import type { RouteStatistics } from '../core/traffic.ts';
import { type Origin, PSEUDONYM } from './http1/compose.ts';
import type { Decision, Desk, Route } from './http1/desk.ts';
import { LOOP, NOT_FOUND } from './http1/refusals.ts';
import { Composed, Repeats } from './http1/repeats.ts';
import type { RequestHead } from './http1/request-head.ts';
import { Upstream } from './http1/upstream.ts';
import { redirectTo, unavailable } from './pages.ts';
import { RouteTable } from './routes.ts';
import { RouteCounter } from './statistics.ts';

/** So long is a request held for a service that starts, in ms. A browser waits longer; a person does not. */
const HOLD_MS = 30_000;
/** So many requests at most are held at once: each keeps a connection. */
const MOST_HELD = 1000;

export interface FrontOptions {
  /** Of `performance.now`. */
  now(): number;
  readonly holdMs?: number;
}

export class Front implements Desk {
  readonly #now: () => number;
  readonly #holdMs: number;
  #table = new RouteTable([]);
  #routes = new Map<string, Served>();
  readonly #counters = new Map<string, RouteCounter>();
  readonly #held = new Set<() => void>();
  #connections = 0;
  /** Port of the secure door that plain requests are sent to; null: there is none, and plain ones are served. */
  secureDoor: number | null = null;
  /** Where we listen ourselves, as `placeText` writes it: what leads there leads back to us. */
  ownDoors: ReadonlySet<string> = new Set();

  constructor({ now, holdMs = HOLD_MS }: FrontOptions) {
    this.#now = now;
    this.#holdMs = holdMs;
  }

  /** Requests under way go on where they are; the next ones go by the new routes. */
  apply(snapshot: GatewaySnapshot): void {
    this.#table = new RouteTable(snapshot.routes);
    const former = this.#routes;
    this.#routes = new Map(
      snapshot.routes.map((route) => [route.id, this.#serve(route, former.get(route.id))]),
    );
    for (const [id, served] of former)
      if (this.#routes.get(id)?.upstream !== served.upstream) served.upstream?.close();
    for (const id of this.#counters.keys()) if (!this.#routes.has(id)) this.#counters.delete(id);
    for (const look of [...this.#held]) look();
  }

  decide(head: RequestHead, origin: Origin): Decision {
    const route = this.#table.find(head.fields.host, head.target);
    if (route === null) return { kind: 'answer', answer: NOT_FOUND };
    // What passed through here before was sent by a program: it does not follow us to another door, and could never be found in a loop.
    if (!origin.secure && this.secureDoor !== null && !head.fields.via.includes(PSEUDONYM))
      return { kind: 'answer', answer: redirectTo(head, this.secureDoor) };
    return this.#towards(route, head);
  }

  connections(change: 1 | -1): void {
    this.#connections += change;
  }

  get openConnections(): number {
    return this.#connections;
  }

  statistics(): readonly RouteStatistics[] {
    return [...this.#counters].map(([id, counter]) => counter.describe(id));
  }

  knows(host: string): boolean {
    return this.#table.has(host);
  }

  /** Closes idle connections that are too old. */
  sweep(now: number): void {
    for (const { upstream } of this.#routes.values()) upstream?.sweep(now);
  }

  close(): void {
    for (const { upstream } of this.#routes.values()) upstream?.close();
  }

  #towards(route: GatewayRoute, head: RequestHead): Decision {
    if (route.state === 'starting' && this.#held.size < MOST_HELD)
      return { kind: 'wait', until: this.#hold(route.id, head, this.#now()) };
    const served = this.#routes.get(route.id);
    if (served === undefined || served.handle === null) return this.#standIn(route, this.#now());
    served.counter.began();
    if (!this.ownDoors.has(served.place)) return { kind: 'forward', route: served.handle };
    served.counter.finished(LOOP.status, 0);
    return { kind: 'answer', answer: LOOP };
  }

  /** A page in place of what cannot be reached: one more request that got no reply. */
  #standIn(route: GatewayRoute, began: number): Decision {
    const counter = this.#counters.get(route.id);
    counter?.began();
    const until = unavailable(route).then((answer): Decision => {
      counter?.finished(answer.status, this.#now() - began);
      return { kind: 'answer', answer };
    });
    return { kind: 'wait', until };
  }

  #hold(id: string, head: RequestHead, began: number): Promise<Decision> {
    const counter = this.#counters.get(id);
    counter?.began();
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        counter?.left();
        this.#held.delete(look);
        const now = this.#table.find(head.fields.host, head.target);
        if (now === null) resolve({ kind: 'answer', answer: NOT_FOUND });
        else resolve(now.state === 'starting' ? this.#standIn(now, began) : this.#towards(now, head));
      };
      const look = (): void => {
        if (this.#routes.get(id)?.route.state !== 'starting') finish();
      };
      const timer = setTimeout(finish, this.#holdMs);
      this.#held.add(look);
    });
  }

  #serve(route: GatewayRoute, former: Served | undefined): Served {
    const counter = this.#counters.get(route.id) ?? new RouteCounter();
    this.#counters.set(route.id, counter);
    const { target } = route;
    if (target === null) return { route, counter, upstream: null, handle: null, place: '' };
    const same =
      former?.upstream?.place.address === target.address && former.upstream.place.port === target.port;
    const upstream = same ? former.upstream : new Upstream(target);
    if (upstream === null) throw new Error('a target without an upstream');
    const handle = handleOf(route, counter, upstream);
    return { route, counter, upstream, handle, place: placeText(target) };
  }
}

interface Served {
  readonly route: GatewayRoute;
  readonly counter: RouteCounter;
  readonly upstream: Upstream | null;
  readonly handle: Route | null;
  readonly place: string;
}

export function placeText({ address, port }: Pick<Door, 'address' | 'port'>): string {
  return `${address} ${port}`;
}

function handleOf(route: GatewayRoute, counter: RouteCounter, upstream: Upstream): Route {
  return {
    upstream,
    repeats: new Repeats(),
    composed: new Composed(),
    failed: (why) => unavailable({ ...route, words: `${route.words}: ${why}` }, 502),
    finished: (status, ms) => counter.finished(status, ms),
  };
}
