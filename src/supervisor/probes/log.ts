/** Ready when a line of the run's own output matches. */

import type { Attempt } from './probe.ts';

/** Lines of a log from a logical offset on, also those to come; ends when the signal is aborted. */
export type Lines = (file: string, fromOffset: number, signal: AbortSignal) => AsyncIterable<string>;

export interface LogWait {
  readonly file: string;
  readonly from: number;
  readonly pattern: RegExp;
  readonly withinMs: number;
}

/** One attempt lasts until a line matches or the time is over: lines come by events, there is nothing to repeat. */
export function logAttempt(lines: Lines, wait: LogWait): Attempt {
  return async (signal) => {
    const ended = AbortSignal.any(
      Number.isFinite(wait.withinMs) ? [signal, AbortSignal.timeout(wait.withinMs)] : [signal],
    );
    let count = 0;
    let last = '';
    for await (const line of lines(wait.file, wait.from, ended)) {
      if (wait.pattern.test(line)) return null;
      count += 1;
      if (line.trim() !== '') last = line.slice(0, 200);
    }
    return count === 0 ? 'it printed nothing' : `none of ${count} lines matched, the last was: ${last}`;
  };
}
