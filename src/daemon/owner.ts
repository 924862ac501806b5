/**
 * Environments that live only as long as the command that started them: a foreground `lo up` (`stop`), `lo test` and `lo run`
 * (`kill`). It must not know what the command is.
 */

import type { UpRequest } from '../core/api.ts';
import type { WatchEvent } from '../core/status.ts';
import type { Channel } from './channel.ts';
import type { Environment } from './environment.ts';
import type { Owner } from './runtime.ts';

/** So long may an owner that outlived the former daemon take to come back, ms between looks. */
const LOOK_EVERY_MS = 500;

/** What follows for an environment that goes with its owner, once the stop is under way. */
export type Ended = () => Promise<void>;

/** Ties the environment to the request's connection: when its stream is left, the environment goes. */
export function holdForOwner(
  environment: Environment,
  request: UpRequest,
  channel: Channel<WatchEvent>,
  ended: Ended,
): void {
  // Whoever says `none` takes the environment over: it outlives the owner that it had.
  if (request.owner === 'none') {
    environment.owner = null;
    return;
  }
  const startTime = environment.tools.platform.process(request.pid)?.startTime ?? null;
  const forget = request.inline !== undefined && !request.inline.keep;
  const owner: Owner = { mode: request.owner, forget, pid: request.pid, startTime };
  environment.owner = owner;
  environment.persistQuietly();
  channel.onLeave(() => {
    // A later `up` may have taken over; then this stream's end means nothing.
    if (environment.owner === owner) release(environment, owner, ended);
  });
}

/** For an environment that a new daemon adopted: its owner's connection is gone, so look whether it lives until it comes back. */
export function watchOwner(environment: Environment, ended: Ended): void {
  const { owner } = environment;
  if (owner === null) return;
  if (!isAlive(environment, owner)) {
    release(environment, owner, ended);
    return;
  }
  const timer = setInterval(() => {
    if (environment.owner !== owner) clearInterval(timer);
    else if (!isAlive(environment, owner)) {
      clearInterval(timer);
      release(environment, owner, ended);
    }
  }, LOOK_EVERY_MS);
  timer.unref();
}

function release(environment: Environment, owner: Owner, ended: Ended): void {
  environment.owner = null;
  const services = [...environment.state.services.keys()];
  environment.dispatch({ type: 'stop', services, force: owner.mode === 'kill' });
  environment.persistQuietly();
  if (owner.forget) ended().catch(environment.tools.report);
}

function isAlive(environment: Environment, owner: Owner): boolean {
  const facts = environment.tools.platform.process(owner.pid);
  return facts !== null && !facts.zombie && (owner.startTime === null || facts.startTime === owner.startTime);
}
