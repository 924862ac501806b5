/** What waits for the end of services, or needs all of them named. It must not know requests. */

import type { EnvironmentState } from '../core/environment.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Environment } from './environment.ts';
import { towardsDown } from './settle.ts';

export async function stopWhole(environment: Environment): Promise<void> {
  const services = allOf(environment);
  environment.dispatch({ type: 'stop', services, force: false });
  await environment.settled((state) =>
    services.every((service) => towardsDown(state, service) !== 'not-yet'),
  );
}

/**
 * What removes data waits for the stop that it asked for, and for no later one: whoever starts a service meanwhile keeps its data.
 * Errors: ENVIRONMENT_BUSY.
 */
export async function untilDown(environment: Environment, services: readonly string[]): Promise<void> {
  const wanted = (state: EnvironmentState): boolean =>
    services.some((service) => (state.lives.get(service)?.wanted ?? 'down') !== 'down');
  const down = (state: EnvironmentState): boolean =>
    services.every((service) => towardsDown(state, service) !== 'not-yet');
  await environment.settled((state) => wanted(state) || down(state));
  if (down(environment.state) && !wanted(environment.state)) return;
  throw new LoopyardError('ENVIRONMENT_BUSY', { environment: environment.ref.name, doing: 'started' });
}

export function forgetsAll(): LoopyardError {
  return new LoopyardError('USAGE', {
    reason: '--forget gives up the whole environment, so it takes no services',
    fix: '`lo down --forget` for all of it, `lo reset SERVICE` for the data of one service',
  });
}

export function allOf(environment: Environment): readonly string[] {
  return [...environment.state.services.keys()];
}
