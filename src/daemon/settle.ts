/**
 * When a request for services is settled: everything got where it was asked to go, or as far as it will get by itself. Pure.
 */

import { type EnvironmentState, needStatus } from '../core/environment.ts';
import { isAlive } from '../core/lifecycle.ts';

export type Settled = 'not-yet' | 'good' | 'bad';

/** A service that has nothing to prove counts as up once it has lived so long: most that cannot start end within moments; in ms. */
export const STEADY_AFTER_MS = 200;

/** How one service stands towards being up. */
export function towardsUp(state: EnvironmentState, name: string, now: number): Settled {
  const own = state.lives.get(name);
  if (own === undefined) return 'bad';
  switch (own.life.state) {
    case 'ready':
      return own.wanted === 'up' ? 'good' : 'not-yet';
    case 'running': {
      const steady = own.wanted === 'up' && now - own.launchedAt >= STEADY_AFTER_MS;
      return steady && state.services.get(name)?.task !== true ? 'good' : 'not-yet';
    }
    case 'completed':
      return 'good';
    case 'idle':
    case 'stopped':
    case 'failed':
    case 'skipped':
    case 'lost':
    case 'unready':
      return 'bad';
    case 'pending':
      return anyUnready(state) && isStuck(state, name) ? 'bad' : 'not-yet';
    case 'starting':
    case 'backoff':
    case 'stopping':
      return 'not-yet';
    default:
      return own.life satisfies never;
  }
}

/** Down is reached when no process is left and none is to come. */
export function towardsDown(state: EnvironmentState, name: string): Settled {
  const own = state.lives.get(name);
  if (own === undefined) return 'good';
  const coming = own.life.state === 'pending' || own.life.state === 'backoff';
  return isAlive(own.life) || coming ? 'not-yet' : 'good';
}

/** Only an unready service can hold others for good; mostly there is none, and the walk below is spared. */
function anyUnready(state: EnvironmentState): boolean {
  for (const { life } of state.lives.values()) if (life.state === 'unready') return true;
  return false;
}

/** Waits for something that will not come by itself: a need whose readiness ran out of time, or one that waits so itself. */
function isStuck(state: EnvironmentState, name: string): boolean {
  return (state.graph.needs.get(name) ?? []).some((need) => {
    const target = state.lives.get(need.service);
    if (target === undefined || needStatus(need, target).status !== 'waiting') return false;
    return (
      target.life.state === 'unready' || (target.life.state === 'pending' && isStuck(state, need.service))
    );
  });
}
