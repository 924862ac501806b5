/**
 * All services of one environment together: starts by countdown of needs, stops in reverse, on top of each service's own machine
 * (`lifecycle.ts`). Pure: `(state, event, now) -> [state, effects]`. It must not know how effects are carried out.
 */

import { buildGraph, closure, type Graph } from './graph.ts';
import { isAlive, type LifeEffect, type LifeEvent, newLife, type ServiceLife, step } from './lifecycle.ts';
import { type LinkReach, linkKey } from './links.ts';
import type { Need, Service } from './model.ts';

export interface EnvironmentState {
  readonly services: ReadonlyMap<string, Service>;
  readonly graph: Graph;
  readonly lives: ReadonlyMap<string, ServiceLife>;
  /** By `linkKey`; a need without an entry has no link to wait for. */
  readonly links: ReadonlyMap<string, LinkReach>;
}

export type EnvironmentEvent =
  /** Start these and all they need. */
  | { readonly type: 'start'; readonly services: readonly string[] }
  | { readonly type: 'restart'; readonly services: readonly string[] }
  /** Stop these; `force`: no order, no grace. */
  | { readonly type: 'stop'; readonly services: readonly string[]; readonly force: boolean }
  | { readonly type: 'service'; readonly service: string; readonly event: LifeEvent }
  /** What is known of all links now. */
  | { readonly type: 'links'; readonly links: ReadonlyMap<string, LinkReach> }
  /** Looks at every service again, e.g. after lives were taken from disk. */
  | { readonly type: 'settle' };

export type EnvironmentEffect = LifeEffect & { readonly service: string };

export interface EnvironmentStep {
  readonly state: EnvironmentState;
  readonly effects: readonly EnvironmentEffect[];
  /** Services whose life or wish changed. */
  readonly changed: readonly string[];
}

export function newEnvironment(
  services: readonly Service[],
  now: number,
  known: ReadonlyMap<string, ServiceLife> = new Map(),
  links: ReadonlyMap<string, LinkReach> = new Map(),
): EnvironmentState {
  return {
    links,
    services: new Map(services.map((service) => [service.name, service])),
    graph: buildGraph(services),
    lives: new Map(services.map((service) => [service.name, known.get(service.name) ?? newLife(now)])),
  };
}

export function stepEnvironment(
  state: EnvironmentState,
  event: EnvironmentEvent,
  now: number,
): EnvironmentStep {
  const work = new Work(state, now);
  switch (event.type) {
    case 'start':
      for (const name of closure(state.graph, event.services)) work.send(name, { type: 'start' });
      break;
    case 'restart':
      for (const name of event.services) work.send(name, { type: 'restart' });
      break;
    case 'stop':
      for (const name of event.services) work.send(name, { type: 'stop' });
      if (event.force) for (const name of event.services) work.send(name, { type: 'release', force: true });
      break;
    case 'service':
      work.send(event.service, event.event);
      break;
    case 'links':
      work.takeLinks(event.links);
      break;
    case 'settle':
      work.lookAtAll();
      break;
    default:
      event satisfies never;
  }
  return work.settle();
}

export type NeedStatus =
  | { readonly status: 'met' }
  | { readonly status: 'waiting' }
  | { readonly status: 'broken'; readonly reason: string };

/** Whether `service` may start as far as one of its needs is concerned: what it needs is there, and so is the link to it. */
export function needMet(state: EnvironmentState, service: string, need: Need): NeedStatus {
  const target = state.lives.get(need.service);
  // What the project does not run is there or not: only the link to it is waited for.
  const status: NeedStatus = target === undefined ? { status: 'met' } : needStatus(need, target);
  const link = state.links.get(linkKey(service, need.service));
  if (status.status !== 'met' || link === undefined || link.state === 'open') return status;
  if (link.state === 'waiting') return WAITING_STATUS;
  return { status: 'broken', reason: `the link ${service}:${need.service} cannot be opened: ${link.reason}` };
}

const WAITING_STATUS: NeedStatus = { status: 'waiting' };

/** Whether a need is satisfied by the life of the service that it names. */
export function needStatus(need: Need, target: Pick<ServiceLife, 'life' | 'wanted'>): NeedStatus {
  const { life, wanted } = target;
  switch (life.state) {
    case 'idle':
    case 'pending':
    case 'backoff':
    case 'stopping':
      return { status: 'waiting' };
    case 'starting':
    case 'unready':
      return need.until === 'started' && wanted === 'up' ? { status: 'met' } : { status: 'waiting' };
    case 'running':
    case 'ready':
      return need.until !== 'completed' && wanted === 'up' ? { status: 'met' } : { status: 'waiting' };
    case 'completed':
      return need.until === 'ready'
        ? { status: 'broken', reason: `${need.service} ended, but was needed ready` }
        : { status: 'met' };
    case 'stopped':
      return { status: 'broken', reason: `${need.service} was stopped` };
    case 'failed':
    case 'skipped':
    case 'lost':
      return {
        status: 'broken',
        reason: `${need.service} ${life.state === 'lost' ? 'was lost' : life.state}`,
      };
    default:
      return life satisfies never;
  }
}

/** The mutable scratch of one step; never leaves this file. */
class Work {
  #state: EnvironmentState;
  readonly #lives: Map<string, ServiceLife>;
  readonly #now: number;
  readonly #effects: EnvironmentEffect[] = [];
  readonly #changed = new Set<string>();
  readonly #unsettled = new Set<string>();

  constructor(state: EnvironmentState, now: number) {
    this.#lives = new Map(state.lives);
    this.#state = { ...state, lives: this.#lives };
    this.#now = now;
  }

  send(name: string, event: LifeEvent): void {
    const service = this.#state.services.get(name);
    const from = this.#lives.get(name);
    if (service === undefined || from === undefined) return;
    const [next, effects] = step(from, event, this.#now, service);
    for (const effect of effects) this.#effects.push({ ...effect, service: name });
    if (next === from) return;
    this.#lives.set(name, next);
    this.#changed.add(name);
    this.#unsettled.add(name);
  }

  takeLinks(links: ReadonlyMap<string, LinkReach>): void {
    const before = this.#state.links;
    this.#state = { ...this.#state, links };
    for (const [name, { needs }] of this.#state.services) {
      const keys = needs.map((need) => linkKey(name, need.service));
      if (keys.some((key) => before.get(key)?.state !== links.get(key)?.state)) this.#unsettled.add(name);
    }
  }

  lookAtAll(): void {
    for (const name of this.#lives.keys()) this.#unsettled.add(name);
  }

  /** Lets every change reach the services beside it, until nothing moves any more. */
  settle(): EnvironmentStep {
    for (const name of this.#unsettled) {
      this.#unsettled.delete(name);
      this.#tryStart(name);
      this.#tryRelease(name);
      for (const dependent of this.#state.graph.dependents.get(name) ?? []) this.#tryStart(dependent);
      for (const need of this.#state.graph.needs.get(name) ?? []) this.#tryRelease(need.service);
    }
    return {
      state: this.#state,
      effects: this.#effects,
      changed: [...this.#changed],
    };
  }

  #tryStart(name: string): void {
    const own = this.#lives.get(name);
    if (own === undefined || own.wanted !== 'up') return;
    if (own.life.state !== 'pending' && own.life.state !== 'skipped') return;
    let met = true;
    for (const need of this.#state.services.get(name)?.needs ?? []) {
      const answer = needMet(this.#state, name, need);
      if (answer.status === 'broken') {
        this.send(name, { type: 'needs-broken', reason: answer.reason });
        return;
      }
      met &&= answer.status === 'met';
    }
    if (met) this.send(name, { type: 'needs-met' });
    else if (own.life.state === 'skipped') this.send(name, { type: 'start' });
  }

  /** A run ends when it is no longer wanted and nothing that also goes down still stands on it. */
  #tryRelease(name: string): void {
    const own = this.#lives.get(name);
    if (own === undefined || own.wanted === 'up' || !isAlive(own.life) || own.life.state === 'stopping')
      return;
    const held = (this.#state.graph.dependents.get(name) ?? []).some((dependent) => {
      const other = this.#lives.get(dependent);
      return other !== undefined && other.wanted !== 'up' && isAlive(other.life);
    });
    if (!held) this.send(name, { type: 'release', force: false });
  }
}
