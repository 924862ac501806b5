/**
 * Which lines a pattern matches. A pattern that backtracks without end must not stop the daemon, so it runs where V8 can break it
 * off, many lines at a time, each cut to a bounded length. It must not know where lines come from.
 */

import { createContext, Script } from 'node:vm';
import { LoopyardError } from '../../core/errors.ts';

/** Only so much of a line is looked at. */
const FILTERED_CHARACTERS = 16_384;
/** For one batch of lines; usual patterns need less than a thousandth of it. */
const BATCH_MS = 1_000;

const MATCH = new Script('lines.map((line) => { pattern.lastIndex = 0; return pattern.test(line); })');

export class LineFilter {
  readonly #pattern: RegExp;
  readonly #context: { lines: readonly string[]; pattern: RegExp };

  constructor(pattern: RegExp) {
    this.#pattern = pattern;
    this.#context = { lines: [], pattern };
    createContext(this.#context);
  }

  /** For each line whether it matches. Errors: USAGE when the pattern takes too long. */
  test(lines: readonly string[]): readonly boolean[] {
    if (lines.length === 0) return [];
    this.#context.lines = lines.map((line) => line.slice(0, FILTERED_CHARACTERS));
    try {
      return MATCH.runInContext(this.#context, { timeout: BATCH_MS }) as boolean[];
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new LoopyardError(
        'USAGE',
        {
          reason: `the pattern /${this.#pattern.source}/ takes too long on this output`,
          fix: 'avoid nested repetitions such as `(a+)+`',
        },
        [],
        error,
      );
    } finally {
      this.#context.lines = [];
    }
  }
}
