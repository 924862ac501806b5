/**
 * A `Workbench` that a test plays: it answers what it is told to, and keeps what it was asked. For tests of the command line without a
 * daemon. It must not know how a real one behaves beyond its interface.
 */

import { ROUTES, type RouteName, type Workbench } from '../../src/core/api.ts';
import { LoopyardError } from '../../src/core/errors.ts';
import type {
  EndpointStatus,
  EnvironmentStatus,
  Outcome,
  ServiceStatus,
  WatchEvent,
} from '../../src/core/status.ts';

export interface Call {
  readonly route: RouteName;
  readonly request: unknown;
}

/** Answers by route; a route without one fails the test that asks for it. */
export type Answers = Partial<Workbench>;

/** The answers with a record of every call. */
export function fakeWorkbench(answers: Answers, calls: Call[] = []): Workbench {
  const methods = ROUTES.map(({ name }) => [
    name,
    (request: unknown) => {
      calls.push({ route: name, request });
      const answer = answers[name] as ((request: unknown) => unknown) | undefined;
      if (answer === undefined) throw new Error(`the test gives no answer to ${name}`);
      return answer(request);
    },
  ]);
  return Object.fromEntries(methods) as Workbench;
}

/** A stream that the test feeds. Leaving it early is noted. */
export class Feed<T> implements AsyncIterable<T> {
  readonly #items: T[] = [];
  readonly #waiting: { resolve(result: IteratorResult<T>): void; reject(error: unknown): void }[] = [];
  #ended = false;
  #error: Error | null = null;

  push(...items: readonly T[]): this {
    for (const item of items) {
      const reader = this.#waiting.shift();
      if (reader === undefined) this.#items.push(item);
      else reader.resolve({ value: item, done: false });
    }
    return this;
  }

  end(): this {
    this.#ended = true;
    for (const reader of this.#waiting.splice(0)) reader.resolve({ value: undefined, done: true });
    return this;
  }

  fail(error: Error): this {
    this.#error = error;
    for (const reader of this.#waiting.splice(0)) reader.reject(error);
    return this;
  }

  /** As when the daemon is killed. */
  break(): this {
    return this.fail(new LoopyardError('DAEMON_UNREACHABLE', { reason: 'read ECONNRESET', log: '/log' }));
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return {
      next: () => {
        if (this.#items.length > 0) return Promise.resolve({ value: this.#items.shift() as T, done: false });
        if (this.#error !== null) return Promise.reject(this.#error);
        if (this.#ended) return Promise.resolve({ value: undefined, done: true });
        return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
      },
    };
  }
}

/** A stream that is whole from the beginning. */
export function feedOf<T>(...items: readonly T[]): Feed<T> {
  return new Feed<T>().push(...items).end();
}

/** The instant at which fake statuses were made. */
export const THEN = Date.parse('2026-01-02T03:04:05.000Z');

export function service(name: string, change: Partial<ServiceStatus> = {}): ServiceStatus {
  return {
    name,
    state: 'ready',
    reason: null,
    strategy: 'address',
    pid: 4711,
    endpoints: [],
    run: `${name}-1`,
    restarts: 0,
    since: new Date(THEN).toISOString(),
    exit: null,
    needs: [],
    warnings: [],
    faults: [],
    task: false,
    startupMs: 400,
    log: `/state/logs/${name}.log`,
    data: `/state/data/${name}`,
    ...change,
  };
}

export function endpoint(
  address: string,
  port: number,
  change: Partial<EndpointStatus> = {},
): EndpointStatus {
  const protocol = change.protocol ?? 'http';
  const url = `${protocol}://${address}:${port}`;
  return { name: 'http', protocol, address, port, url, names: [], ...change };
}

export function status(...services: readonly ServiceStatus[]): EnvironmentStatus {
  return {
    schema: 1,
    environment: { id: 'shop-1', path: '/work/shop', name: 'shop' },
    project: 'shop',
    config: '/work/shop/loopyard.yaml',
    services,
  };
}

export function snapshot(...services: readonly ServiceStatus[]): WatchEvent {
  return { type: 'snapshot', status: status(...services) };
}

export function change(changed: ServiceStatus): WatchEvent {
  return { type: 'service', environment: 'shop-1', service: changed };
}

export function settled(...bad: Outcome['bad']): WatchEvent {
  return { type: 'settled', outcome: { good: bad.length === 0, bad } };
}
