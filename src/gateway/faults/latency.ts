/** Fault: bytes arrive later than they were sent, in their order, and no fewer of them. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import { type DelaySettings, drawDelay } from '../../core/faults/delays.ts';
import { Held } from '../../core/faults/held.ts';
import type { Random } from '../../core/faults/random.ts';
import { withinDay } from './bounds.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';
import { EARLY_MS, MOST_AT_ONCE } from './turn.ts';
import { OVERHEAD } from './waiting.ts';

export const latency: FaultPart = {
  name: 'latency',
  summary: 'Everything arrives later, as over a long line; as much of it as before.',
  main: 'delay',
  direction: 'down',
  settings: [
    { name: 'delay', unit: 'duration', least: 0, summary: 'How much later, each way that the fault is on.' },
    {
      name: 'jitter',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary:
        'How far it varies: the most, either way, of `uniform`; the standard deviation of the other two. Never below 0 in all.',
    },
    {
      name: 'distribution',
      unit: 'choice',
      choices: ['uniform', 'normal', 'pareto'],
      fallback: 'uniform',
      summary: 'How the jitter is spread. `pareto`: mostly a little early, seldom very late.',
    },
  ],
  example: 'latency=200ms jitter=50ms distribution=normal',
  check(settings) {
    const idle =
      settings.delay === 0 && settings.jitter === 0
        ? ['delay and jitter are both 0: nothing would change']
        : [];
    return [...idle, ...withinDay(settings, 'delay', 'jitter')];
  },
  pipe: (outlet, settings, random) => new LatencyPipe(outlet, settings, random),
};

/** Of one direction: 16 MB in 100 ms are 160 MB a second, so that a long line is not also a narrow one. */
const ROOM = 16_000_000;

class LatencyPipe implements Pipe {
  readonly room = ROOM;
  readonly #outlet: Outlet;
  readonly #random: Random;
  readonly #queue = new Held<Buffer | Ending>();
  #settings: DelaySettings;

  constructor(outlet: Outlet, settings: Fault['settings'], random: Random) {
    this.#outlet = outlet;
    this.#random = random;
    this.#settings = delaySettings(settings);
  }

  get held(): number {
    return this.#queue.size;
  }

  take(bytes: Buffer): void {
    this.#hold(bytes, bytes.length + OVERHEAD);
  }

  /** The end travels as long as a byte does. */
  ended(how: Ending): void {
    this.#hold(how, 0);
  }

  due(): void {
    const by = this.#outlet.now() + EARLY_MS;
    for (let count = 0; count < MOST_AT_ONCE; count += 1) {
      const item = this.#queue.take(by);
      if (item === undefined) break;
      this.#handOn(item);
    }
    this.#outlet.wake(this.#queue.next);
  }

  /** What is on its way keeps its time: it was sent under the settings before. */
  change(settings: Fault['settings']): void {
    this.#settings = delaySettings(settings);
  }

  flush(): void {
    for (;;) {
      const item = this.#queue.take(Number.POSITIVE_INFINITY);
      if (item === undefined) break;
      this.#handOn(item);
    }
    this.#outlet.wake(Number.POSITIVE_INFINITY);
  }

  removed(): void {
    // What it held was handed on.
  }

  #hold(item: Buffer | Ending, size: number): void {
    const first = this.#queue.empty;
    this.#queue.put(item, size, this.#outlet.now() + drawDelay(this.#settings, this.#random));
    if (first) this.#outlet.wake(this.#queue.next);
  }

  #handOn(item: Buffer | Ending): void {
    if (typeof item === 'string') this.#outlet.end(item);
    else this.#outlet.pass(item);
  }
}

function delaySettings(settings: Fault['settings']): DelaySettings {
  return {
    delay: Number(settings.delay),
    jitter: Number(settings.jitter),
    distribution: String(settings.distribution),
  };
}
