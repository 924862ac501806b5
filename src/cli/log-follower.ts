/**
 * Reads logs across the deaths of daemons: every line is printed once, whichever daemon gave it. It must not know how lines look.
 */

import type { LogsRequest } from '../core/api.ts';
import type { LogLine } from '../core/status.ts';
import type { Context } from './command.ts';
import { persistent } from './persistent.ts';

export class LogFollower {
  readonly #context: Context;
  readonly #request: LogsRequest;
  readonly #print: (line: LogLine) => void;
  /** The last line of each service that was printed, by its offset. */
  readonly #seen = new Map<string, number>();
  #stopped = false;

  constructor(context: Context, request: LogsRequest, print: (line: LogLine) => void) {
    this.#context = context;
    this.#request = request;
    this.#print = print;
  }

  /** Resolves at the end of the logs, which following ones do not have until `stop`. */
  async read(): Promise<void> {
    await this.#consume(this.#request);
  }

  /** What was written until now and not printed yet; for the last words of services that have ended. */
  async catchUp(): Promise<void> {
    this.#stopped = false;
    await this.#consume({ ...this.#request, follow: false, tail: -1 });
  }

  /** Prints nothing any more. */
  stop(): void {
    this.#stopped = true;
  }

  async #consume(request: LogsRequest): Promise<void> {
    const lines = persistent(this.#context, (workbench, again) =>
      // After a break everything is read again, and what was seen is left out below.
      workbench.logs(again && this.#seen.size > 0 ? { ...request, tail: -1 } : request),
    );
    for await (const batch of lines) {
      for (const line of batch) {
        if (this.#stopped) return;
        const before = this.#seen.get(line.service);
        if (before !== undefined && line.offset <= before) continue;
        this.#seen.set(line.service, line.offset);
        this.#print(line);
      }
      await this.#context.printer.room();
    }
  }
}
