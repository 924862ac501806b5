/**
 * All services of one environment together: starts by countdown of needs, stops in reverse, on top of each service's own machine
 * (`lifecycle.ts`). Pure: `(state, event, now) -> [state, effects]`. It must not know how effects are carried out.
 */

import { buildGraph, closure, type Graph } from './graph.ts';
import { isAlive, type LifeEffect, type LifeEvent, newLife, type ServiceLife, step } from './lifecycle.ts';
import type { Need, Service } from './model.ts';

export interface EnvironmentState {
  readonly services: ReadonlyMap<string, Service>;
  readonly graph: Graph;
  readonly lives: ReadonlyMap<string, ServiceLife>;
}

export type EnvironmentEvent =
  /** Start these and all they need. */
  | { readonly type: 'start'; readonly services: readonly string[] }
  | { readonly type: 'restart'; readonly services: readonly string[] }
  /** Stop these; `force`: no order, no grace. */
  | { readonly type: 'stop'; readonly services: readonly string[]; readonly force: boolean }
  | { readonly type: 'service'; readonly service: string; readonly event: LifeEvent }
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
): EnvironmentState {
  return {
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
  readonly #state: EnvironmentState;
  readonly #lives: Map<string, ServiceLife>;
  readonly #now: number;
  readonly #effects: EnvironmentEffect[] = [];
  readonly #changed = new Set<string>();
  readonly #unsettled = new Set<string>();

  constructor(state: EnvironmentState, now: number) {
    this.#state = state;
    this.#lives = new Map(state.lives);
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
      state: { ...this.#state, lives: this.#lives },
      effects: this.#effects,
      changed: [...this.#changed],
    };
  }

  #tryStart(name: string): void {
    const own = this.#lives.get(name);
    if (own === undefined || own.wanted !== 'up') return;
    if (own.life.state !== 'pending' && own.life.state !== 'skipped') return;
    let met = true;
    for (const need of this.#state.graph.needs.get(name) ?? []) {
      const target = this.#lives.get(need.service);
      const answer = target === undefined ? undefined : needStatus(need, target);
      if (answer?.status === 'broken') {
        this.send(name, { type: 'needs-broken', reason: answer.reason });
        return;
      }
      met &&= answer?.status === 'met';
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
