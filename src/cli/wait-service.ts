/**
 * Waits for a service of this directory's environment: until it is ready, or until it has ended. It starts neither the service nor a
 * daemon: whoever waits is told what is, and another terminal may bring it up meanwhile.
 */

import { setTimeout as delay } from 'node:timers/promises';
import type { Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { WaitReport } from '../core/inspection.ts';
import type { StateName } from '../core/lifecycle.ts';
import type { EnvironmentStatus, ServiceStatus } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';
import type { Context } from './command.ts';
import { reasonText } from './view/service-text.ts';

export interface ServiceWait {
  readonly service: string;
  readonly wanted: WaitReport['wanted'];
  readonly timeoutMs: number;
  onAttempt(why: string): void;
}

const OPEN: ReadonlySet<StateName> = new Set(['ready', 'running', 'completed']);
const FREE: ReadonlySet<StateName> = new Set(['idle', 'stopped', 'completed', 'failed', 'skipped', 'lost']);
/** In ms. A question to the daemon costs little, and is answered from its memory. */
const PAUSE_MS = 100;

/** Errors: SERVICE_UNKNOWN, and those of the config. */
export async function waitForService(context: Context, request: ServiceWait): Promise<WaitReport> {
  const { service, wanted, timeoutMs } = request;
  const started = performance.now();
  for (;;) {
    const ms = performance.now() - started;
    const { met, address, why } = await look(context, request);
    if (met || ms >= timeoutMs) {
      const lastError = met ? null : why;
      return { schema: 1, target: service, wanted, met, ms: Math.round(ms), address, lastError };
    }
    request.onAttempt(why);
    await delay(Math.min(PAUSE_MS, Math.max(0, timeoutMs - (performance.now() - started))));
  }
}

interface Seen {
  readonly met: boolean;
  readonly address: string | null;
  readonly why: string;
}

async function look(context: Context, { service, wanted }: ServiceWait): Promise<Seen> {
  const workbench = await context.connectIfRunning();
  if (workbench === null)
    return {
      met: false,
      address: null,
      why: 'no daemon runs, and without one nobody knows; `lo up` starts both',
    };
  const status = await statusFrom(workbench, context);
  if (status === null)
    return { met: wanted === 'free', address: null, why: 'this environment has not been started yet' };
  const found = statusOf(status, service);
  const met = (wanted === 'open' ? OPEN : FREE).has(found.state);
  const reason = reasonText(found);
  return {
    met,
    address: found.endpoints[0]?.address ?? null,
    why: `the service is ${found.state}${reason === '' ? '' : `: ${reason}`}`,
  };
}

/** Null: the daemon does not know the environment, which comes to be by the first `lo up`. */
async function statusFrom(workbench: Workbench, context: Context): Promise<EnvironmentStatus | null> {
  try {
    return await workbench.ps(context.target);
  } catch (error) {
    // Somebody may be about to start it.
    if (error instanceof LoopyardError && error.code === 'ENVIRONMENT_NOT_FOUND') return null;
    throw error;
  }
}

function statusOf({ services }: EnvironmentStatus, service: string): ServiceStatus {
  const found = services.find(({ name }) => name === service);
  if (found !== undefined) return found;
  const names = services.map(({ name }) => name);
  const near = suggest(service, names);
  const known = near === undefined ? `the services are: ${names.join(', ')}` : `did you mean \`${near}\`?`;
  throw new LoopyardError('SERVICE_UNKNOWN', {
    service,
    fix: `${known}; a place needs a port: \`lo wait ${service}:3000\``,
  });
}
