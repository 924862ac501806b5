/** Fault: the connection breaks off by RST on both sides, also one that is open already. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';

export const reset: FaultPart = {
  name: 'reset',
  summary: 'The connection is reset: both sides see ECONNRESET.',
  main: 'after',
  direction: 'both',
  settings: [
    {
      name: 'after',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'How long it works before. An open connection counts from when the fault comes.',
    },
    {
      name: 'from',
      unit: 'choice',
      choices: ['connect', 'data'],
      fallback: 'connect',
      summary: 'What that time counts from. `data`: the first bytes in a direction of the fault.',
    },
  ],
  example: 'reset=2s from=data',
  check: (settings) => withinDay(settings, 'after'),
  pipe: (outlet, settings) => new ResetPipe(outlet, settings),
};

class ResetPipe implements Pipe {
  readonly held = 0;
  readonly room = 0;
  readonly #outlet: Outlet;
  readonly #since: number;
  #settings: Fault['settings'];
  #firstData: number | null = null;
  #at = Number.POSITIVE_INFINITY;

  constructor(outlet: Outlet, settings: Fault['settings']) {
    this.#outlet = outlet;
    this.#since = outlet.now();
    this.#settings = settings;
    this.change(settings);
  }

  take(bytes: Buffer): void {
    if (this.#firstData === null) {
      this.#firstData = this.#outlet.now();
      this.change(this.#settings);
    }
    if (this.#at <= this.#outlet.now()) this.#outlet.reset();
    else this.#outlet.pass(bytes);
  }

  ended(how: Ending): void {
    this.#outlet.end(how);
  }

  due(): void {
    this.#outlet.reset();
  }

  change(settings: Fault['settings']): void {
    this.#settings = settings;
    const from = settings.from === 'data' ? this.#firstData : this.#since;
    this.#at = from === null ? Number.POSITIVE_INFINITY : from + Number(settings.after);
    this.#outlet.wake(this.#at);
  }

  flush(): void {
    // It holds nothing.
  }

  removed(): void {
    // The connection lives on.
  }
}
