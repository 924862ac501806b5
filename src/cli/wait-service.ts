/**
 * Waits for a service of an environment: until it is ready, or until it has ended, by the daemon's stream of changes. It
 * starts neither the service nor a daemon: whoever waits is told what is, and another terminal may bring it up meanwhile.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Target, Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { WaitReport } from '../core/inspection.ts';
import type { StateName } from '../core/lifecycle.ts';
import type { ServiceStatus, WatchEvent } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';
import type { Context } from './command.ts';
import { reasonText } from './view/service-text.ts';

export interface ServiceWait {
  readonly service: string;
  /** As it was asked for. */
  readonly text: string;
  readonly environment: Target;
  readonly wanted: WaitReport['wanted'];
  /** Infinity: as long as it takes. */
  readonly timeoutMs: number;
  /** Somebody else's failure settles it. */
  readonly signal: AbortSignal;
  onAttempt(why: string): void;
}

const OPEN: ReadonlySet<StateName> = new Set(['ready', 'running', 'completed']);
/** Nothing happens any more unless somebody starts it. */
const BROKEN: ReadonlySet<StateName> = new Set(['failed', 'skipped', 'lost']);
const FREE: ReadonlySet<StateName> = new Set(['idle', 'stopped', 'completed', ...BROKEN]);
/** Between two questions for a daemon, or for an environment, that is not there yet; in ms. */
const PAUSE_MS = 100;

/** A daemon answers within a few ms; one that hangs must not hold up who gave a limit. */
const FIRST_MS = 2000;

type Verdict = 'met' | 'failed' | 'not-yet';

interface Seen {
  readonly verdict: Verdict;
  readonly address: string | null;
  readonly why: string;
}

/** Errors: SERVICE_UNKNOWN, and those of the config. */
export async function waitForService(context: Context, request: ServiceWait): Promise<WaitReport> {
  const { text, wanted, timeoutMs, signal } = request;
  const started = performance.now();
  const over = new AbortController();
  const limit = Number.isFinite(timeoutMs) ? setTimeout(() => over.abort(), timeoutMs) : undefined;
  const end = AbortSignal.any([over.signal, signal]);
  let last: Seen = { verdict: 'not-yet', address: null, why: 'nothing is known yet' };
  const note = (seen: Seen): boolean => {
    last = seen;
    if (seen.verdict === 'not-yet') request.onAttempt(seen.why);
    return seen.verdict !== 'not-yet';
  };
  try {
    while (!(await look(context, request, note, end)) && !end.aborted)
      // An end before its time is no failure.
      await delay(PAUSE_MS, undefined, { signal: end }).catch(() => undefined);
  } finally {
    clearTimeout(limit);
  }
  const met = last.verdict === 'met';
  const ms = Math.round(performance.now() - started);
  return {
    schema: 1,
    target: text,
    wanted,
    met,
    ms,
    address: last.address,
    lastError: met ? null : last.why,
  };
}

/** True: settled. */
async function look(
  context: Context,
  request: ServiceWait,
  note: (seen: Seen) => boolean,
  end: AbortSignal,
): Promise<boolean> {
  try {
    const workbench = await context.connectIfRunning();
    if (workbench !== null) return await follow(workbench, request, note, end);
    const why = 'no daemon runs, and without one nobody knows; `lo up` starts both';
    return note({ verdict: 'not-yet', address: null, why });
  } catch (error) {
    if (!(error instanceof LoopyardError)) throw error;
    // The next daemon takes over what the former left.
    if (error.code === 'DAEMON_UNREACHABLE') return false;
    // Somebody may be about to start it: it comes to be by the first `lo up`.
    if (error.code !== 'ENVIRONMENT_NOT_FOUND') throw error;
    const verdict = request.wanted === 'free' ? 'met' : 'not-yet';
    return note({ verdict, address: null, why: 'this environment has not been started yet' });
  }
}

async function follow(
  workbench: Workbench,
  request: ServiceWait,
  note: (seen: Seen) => boolean,
  end: AbortSignal,
): Promise<boolean> {
  const events = workbench.watch(request.environment)[Symbol.asyncIterator]();
  const ended = new Promise<'ended'>((resolve) => {
    if (end.aborted) resolve('ended');
    end.addEventListener('abort', () => resolve('ended'));
  });
  for (let isFirst = true; ; isFirst = false) {
    const next = events.next();
    // Also who has no time at all is told what is.
    const late = isFirst ? ended.then(() => delay(FIRST_MS, 'ended' as const, { ref: false })) : ended;
    const result = await Promise.race([next, late]);
    if (result === 'ended') {
      // The stream goes on unread until the process ends; its failure then is nobody's any more.
      next.catch(() => undefined);
      return false;
    }
    if (result.done === true) return false;
    const service = serviceOf(result.value, request.service);
    if (service !== null && note(seenOf(service, request.wanted))) {
      await events.return?.();
      return true;
    }
  }
}

/** Null: this event is about something else. Errors: SERVICE_UNKNOWN. */
function serviceOf(event: WatchEvent, name: string): ServiceStatus | null {
  if (event.type === 'service') return event.service.name === name ? event.service : null;
  if (event.type !== 'snapshot') return null;
  const { services } = event.status;
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found;
  const names = services.map((service) => service.name);
  const near = suggest(name, names);
  const known = near === undefined ? `the services are: ${names.join(', ')}` : `did you mean \`${near}\`?`;
  throw new LoopyardError('SERVICE_UNKNOWN', {
    service: name,
    fix: `${known}; a place needs a port: \`lo wait ${name}:3000\``,
  });
}

function seenOf(service: ServiceStatus, wanted: WaitReport['wanted']): Seen {
  const { state, endpoints, log } = service;
  const reason = reasonText(service);
  const failed = wanted === 'open' && BROKEN.has(state);
  const met = (wanted === 'open' ? OPEN : FREE).has(state);
  return {
    verdict: met ? 'met' : failed ? 'failed' : 'not-yet',
    address: endpoints[0]?.address ?? null,
    why: `the service is ${state}${reason === '' ? '' : `: ${reason}`}${failed ? `; its output is in ${log}` : ''}`,
  };
}
