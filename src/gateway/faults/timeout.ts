/** Fault: what is sent vanishes, as behind a firewall that drops. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';
import type { FaultPart, Outlet, Pipe } from './pipe.ts';

export const timeout: FaultPart = {
  name: 'timeout',
  summary: 'Everything that is sent vanishes; after a while the connection is closed.',
  main: 'after',
  direction: 'down',
  settings: [
    {
      name: 'after',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'When the connection is closed. 0: it is not.',
    },
    {
      name: 'clock',
      unit: 'choice',
      choices: ['idle', 'total'],
      fallback: 'idle',
      summary: '`idle`: begins anew whenever something is sent. `total`: runs from the start.',
    },
  ],
  example: 'timeout=5s',
  check: (settings) => withinDay(settings, 'after'),
  pipe: (outlet, settings) => new TimeoutPipe(outlet, settings),
};

class TimeoutPipe implements Pipe {
  readonly held = 0;
  readonly room = 0;
  readonly #outlet: Outlet;
  #after: number;
  #idle: boolean;
  /** When the time began to run. */
  #since: number;
  #lost = false;

  constructor(outlet: Outlet, settings: Fault['settings']) {
    this.#outlet = outlet;
    this.#since = outlet.now();
    this.#after = Number(settings.after);
    this.#idle = settings.clock === 'idle';
    this.#ask();
  }

  take(): void {
    this.#lost = true;
    if (!this.#idle) return;
    this.#since = this.#outlet.now();
    this.#ask();
  }

  /** Whoever gave up waiting has nothing to wait for; without a time of its own this would last for ever. */
  ended(): void {
    this.#lost = true;
    if (this.#after === 0) this.#outlet.end('whole');
  }

  due(): void {
    this.#outlet.end('whole');
  }

  change(settings: Fault['settings']): void {
    this.#after = Number(settings.after);
    this.#idle = settings.clock === 'idle';
    this.#ask();
  }

  flush(): void {
    // It holds nothing: what came is lost.
  }

  /** What follows would not fit to what was lost. */
  removed(): void {
    if (this.#lost) this.#outlet.end('whole');
  }

  #ask(): void {
    this.#outlet.wake(this.#after === 0 ? Number.POSITIVE_INFINITY : this.#since + this.#after);
  }
}
