/**
 * Reads logs across the deaths of daemons: every line is printed once, whichever daemon gave it. It must not know how lines look.
 */

import type { LogsRequest } from '../core/api.ts';
import type { LogLine } from '../core/status.ts';
import type { Context } from './command.ts';
import { persistent } from './persistent.ts';

/** Times of lines are estimates, and a later one may differ: so far back is read again, in ms. */
const OVERLAP_MS = 60_000;

export class LogFollower {
  readonly #context: Context;
  readonly #request: LogsRequest;
  readonly #print: (lines: readonly LogLine[]) => void;
  /** The last line of each service that was printed, by its offset. */
  readonly #seen = new Map<string, number>();
  /** When the last line that was printed was written; epoch ms. */
  #lastAt = 0;

  constructor(context: Context, request: LogsRequest, print: (lines: readonly LogLine[]) => void) {
    this.#context = context;
    this.#request = request;
    this.#print = print;
  }

  /** What was not printed yet. Resolves at the end of the logs, which following ones do not have. */
  async read(): Promise<void> {
    await this.#consume(this.#onwards());
  }

  /** What was written until now and not printed yet; for the last words of services that have ended. */
  async catchUp(): Promise<void> {
    await this.#consume({ ...this.#onwards(), follow: false });
  }

  async #consume(request: LogsRequest): Promise<void> {
    const batches = persistent(this.#context, (workbench, again) =>
      workbench.logs(again ? { ...this.#onwards(), follow: request.follow } : request),
    );
    for await (const batch of batches) {
      const fresh = batch.filter((line) => this.#isFresh(line));
      if (fresh.length > 0) this.#print(fresh);
      await this.#context.printer.room();
    }
  }

  /** All from shortly before the last line on; what was seen is left out when it comes. */
  #onwards(): LogsRequest {
    if (this.#seen.size === 0) return this.#request;
    const since = Math.max(this.#request.since ?? 0, this.#lastAt - OVERLAP_MS);
    return { ...this.#request, tail: -1, since };
  }

  #isFresh(line: LogLine): boolean {
    if (line.offset <= (this.#seen.get(line.service) ?? -1)) return false;
    this.#seen.set(line.service, line.offset);
    this.#lastAt = Math.max(this.#lastAt, Date.parse(line.at) || 0);
    return true;
  }
}
