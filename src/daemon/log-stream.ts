/** The `logs` stream: lines of the log book with the names that people know. It must not know files. */

import type { LogsRequest } from '../core/api.ts';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { LogLine } from '../core/status.ts';
import type { Environment } from './environment.ts';

/** Errors: REQUEST_INVALID for a pattern that is no regular expression. Reads no faster than its reader. */
export function readLogs(
  environment: Environment,
  services: readonly string[],
  request: LogsRequest,
): AsyncIterable<readonly LogLine[]> {
  const leave = new AbortController();
  const source = environment.tools.logs.readBatches({
    services: services.map((service) => ({ service, name: environment.logName(service) })),
    tail: request.tail,
    follow: request.follow,
    signal: leave.signal,
    ...(request.since === undefined ? {} : { since: request.since }),
    ...(request.grep === undefined ? {} : { grep: pattern(request.grep) }),
  });
  const iterator = source[Symbol.asyncIterator]();
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => iterator.next(),
      // A generator that waits for a line hears of its reader's leaving only through the signal.
      return: async () => {
        leave.abort();
        return { value: undefined, done: true };
      },
    }),
  };
}

function pattern(source: string): RegExp {
  try {
    return new RegExp(source, 'u');
  } catch (error) {
    throw new LoopyardError(
      'USAGE',
      { reason: `--grep: ${reasonOf(error)}`, fix: 'give a JavaScript regular expression' },
      [],
      error,
    );
  }
}
