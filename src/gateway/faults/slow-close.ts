/** Fault: the end of a direction arrives later than its last byte. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import { withinDay } from './bounds.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';

export const slowClose: FaultPart = {
  name: 'slow-close',
  summary: 'Data passes at once; that a side has ended (FIN) arrives later.',
  main: 'delay',
  direction: 'down',
  settings: [{ name: 'delay', unit: 'duration', least: 1, summary: 'How much later.' }],
  example: 'slow-close=1s',
  check: (settings) => withinDay(settings, 'delay'),
  pipe: (outlet, settings) => new SlowClosePipe(outlet, settings),
};

class SlowClosePipe implements Pipe {
  readonly held = 0;
  readonly room = 0;
  readonly #outlet: Outlet;
  #delay: number;
  #ending: { readonly how: Ending; readonly since: number } | null = null;

  constructor(outlet: Outlet, settings: Fault['settings']) {
    this.#outlet = outlet;
    this.#delay = Number(settings.delay);
  }

  take(bytes: Buffer): void {
    this.#outlet.pass(bytes);
  }

  ended(how: Ending): void {
    this.#ending = { how, since: this.#outlet.now() };
    this.#ask();
  }

  due(): void {
    this.flush();
  }

  change(settings: Fault['settings']): void {
    this.#delay = Number(settings.delay);
    this.#ask();
  }

  flush(): void {
    const ending = this.#ending;
    this.#ending = null;
    this.#ask();
    if (ending !== null) this.#outlet.end(ending.how);
  }

  removed(): void {
    // An ending that waited was handed on.
  }

  #ask(): void {
    this.#outlet.wake(this.#ending === null ? Number.POSITIVE_INFINITY : this.#ending.since + this.#delay);
  }
}
