/**
 * The streams of `up`, `down`, `start` and the like: a snapshot, each change, and the outcome once everything is settled. It must
 * not start or stop anything.
 */

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EnvironmentState } from '../core/environment.ts';
import { describeExit, type StateName } from '../core/lifecycle.ts';
import type { Outcome, WatchEvent } from '../core/status.ts';
import { Channel } from './channel.ts';
import { describeService } from './describe.ts';
import type { Environment } from './environment.ts';
import { type Settled, STEADY_AFTER_MS } from './settle.ts';

export interface Goal {
  readonly services: readonly string[];
  towards(state: EnvironmentState, service: string, now: number): Settled;
}

/** Lines of output that an outcome carries for each service that did not get there. */
const TAIL_LINES = 12;

/** Feeds `channel` until it is left; `goal` null: no outcome is awaited. `once`: end the channel with the outcome. */
export function follow(
  environment: Environment,
  channel: Channel<WatchEvent>,
  goal: Goal | null,
  once: boolean,
): void {
  let told = goal === null;
  channel.push({ type: 'snapshot', status: environment.status() });
  let later: NodeJS.Timeout | undefined;
  const check = (): void => {
    clearTimeout(later);
    if (told || goal === null) return;
    if (!isSettled(environment, goal)) {
      // Time alone may settle it: a service with nothing to prove has lived long enough.
      later = setTimeout(check, STEADY_AFTER_MS + 1);
      return;
    }
    told = true;
    // Whoever waited for a start wants to go there next, and by name.
    environment.tools
      .namesSettled()
      .then(() => nextTurn())
      .then(() => outcomeOf(environment, goal))
      .then((outcome) => {
        channel.push({ type: 'settled', outcome });
        if (once) channel.end();
      })
      .catch((error: unknown) => channel.fail(error));
  };
  const watching = environment.watch((change) => {
    if ('removed' in change) {
      channel.push({ type: 'removed', environment: environment.ref.id });
      channel.end();
      return;
    }
    channel.push({ type: 'service', environment: environment.ref.id, service: change.service });
    check();
  });
  const end = (): void => {
    clearTimeout(later);
    watching[Symbol.dispose]();
  };
  channel.onLeave(end);
  channel.onEnd(end);
  check();
}

/** A channel that is filled by work which may fail before anything is known. */
export function channelOf(work: (channel: Channel<WatchEvent>) => Promise<void>): Channel<WatchEvent> {
  const channel = new Channel<WatchEvent>();
  work(channel).catch((error: unknown) => channel.fail(error));
  return channel;
}

function isSettled(environment: Environment, goal: Goal): boolean {
  return goal.services.every(
    (service) => goal.towards(environment.state, service, environment.tools.now()) !== 'not-yet',
  );
}

async function outcomeOf(environment: Environment, goal: Goal): Promise<Outcome> {
  const names = goal.services.filter(
    (service) => goal.towards(environment.state, service, environment.tools.now()) === 'bad',
  );
  const bad = await Promise.all(names.map((name) => badService(environment, name)));
  const causes = bad.filter((one) => !isConsequence(one.state));
  const consequences = bad.filter((one) => isConsequence(one.state));
  return { good: bad.length === 0, bad: [...causes, ...consequences] };
}

function isConsequence(state: StateName): boolean {
  return state === 'skipped' || state === 'pending';
}

async function badService(environment: Environment, name: string): Promise<Outcome['bad'][number]> {
  const service = environment.service(name);
  if (service === undefined) throw new Error(`${name} left its environment`);
  const status = describeService(environment.described, service);
  // Who never started has nothing to say; the end that is known, and the output, are those of an earlier time.
  const ended = !isConsequence(status.state) && (status.exit !== null || status.state === 'unready');
  const tail = ended ? await environment.tools.logs.tail(environment.logName(name), TAIL_LINES) : [];
  const exit = environment.life(name).exit;
  return {
    service: name,
    state: status.state,
    reason: status.reason ?? (exit === null ? null : describeExit(exit)),
    warnings: status.warnings,
    tail,
    log: status.log,
  };
}
