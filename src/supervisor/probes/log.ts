/** Ready when a line of the run's own output matches. */

import { stripVTControlCharacters } from 'node:util';
import { limited } from '../limit.ts';
import { LineFilter } from '../logs/line-filter.ts';
import type { Attempt } from './probe.ts';

/** Lines of a log from a logical offset on, also those to come; ends when the signal is aborted. */
export type Lines = (file: string, fromOffset: number, signal: AbortSignal) => AsyncIterable<string>;

export interface LogWait {
  readonly file: string;
  readonly from: number;
  readonly pattern: RegExp;
}

const SHOWN_CHARACTERS = 200;

/** One attempt lasts until a line matches: lines come by events, there is nothing to repeat. Errors: USAGE, of the pattern. */
export function logAttempt(lines: Lines, wait: LogWait): Attempt {
  return async (signal) => {
    using ended = limited(signal, Number.POSITIVE_INFINITY);
    const matcher = new Matcher(wait.pattern, () => ended.abort());
    for await (const line of lines(wait.file, wait.from, ended.signal)) matcher.take(line);
    return matcher.result();
  };
}

/** Matches all lines of one turn of the event loop at a time: a pattern's limit of time costs a thread for each use. */
class Matcher {
  readonly #filter: LineFilter;
  /** There is no need for more lines. */
  readonly #over: () => void;
  #waiting: string[] = [];
  #hasMatched = false;
  #error: unknown = null;
  #count = 0;
  #last = '';

  constructor(pattern: RegExp, over: () => void) {
    this.#filter = new LineFilter(pattern);
    this.#over = over;
  }

  take(line: string): void {
    if (this.#waiting.length === 0) setImmediate(() => this.#match());
    this.#waiting.push(line);
  }

  result(): string | null {
    this.#match();
    if (this.#error !== null) throw this.#error;
    if (this.#hasMatched) return null;
    if (this.#count === 0) return 'it printed nothing';
    const lines = this.#count === 1 ? 'the one line did not match' : `none of ${this.#count} lines matched`;
    return `${lines}, the last was: ${this.#last}`;
  }

  #match(): void {
    // Programs colour their words; what people read is what counts, and what was written counts too.
    const raw = this.#waiting;
    const plain = raw.map((line) => stripVTControlCharacters(line));
    this.#waiting = [];
    this.#count += raw.length;
    this.#last = plain.findLast((line) => line.trim() !== '')?.slice(0, SHOWN_CHARACTERS) ?? this.#last;
    try {
      this.#hasMatched ||= [...this.#filter.test(plain), ...this.#filter.test(raw)].includes(true);
    } catch (error) {
      // Kept for whoever waits: this runs in a turn of its own.
      this.#error = error;
    }
    if (this.#hasMatched || this.#error !== null) this.#over();
  }
}
