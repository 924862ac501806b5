/** Fault: bytes arrive in small pieces, as from a program that reads and writes badly. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import type { Random } from '../../core/faults/random.ts';
import { drawSlice } from '../../core/faults/slices.ts';
import { withinDay } from './bounds.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';
import { EARLY_MS, MOST_AT_ONCE } from './turn.ts';
import { Waiting } from './waiting.ts';

export const slicer: FaultPart = {
  name: 'slicer',
  summary: 'What was sent at once arrives in pieces: finds programs that take one read for one message.',
  main: 'size',
  direction: 'down',
  settings: [
    { name: 'size', unit: 'size', least: 1, summary: 'Of a piece, on average.' },
    {
      name: 'variation',
      unit: 'size',
      fallback: 0,
      least: 0,
      summary: 'How much larger or smaller a piece may be.',
    },
    {
      name: 'delay',
      unit: 'duration',
      fallback: 0,
      least: 0,
      summary: 'Between two pieces. 0: they are written apart, but may be read together.',
    },
  ],
  example: 'slicer=100B variation=50B delay=2ms',
  check(settings) {
    const wide = Number(settings.variation) >= Number(settings.size);
    return [
      ...(wide ? ['variation must be less than size: a piece has at least one byte'] : []),
      ...withinDay(settings, 'delay'),
    ];
  },
  pipe: (outlet, settings, random) => new SlicerPipe(outlet, settings, random),
};

const ROOM = 64_000;

class SlicerPipe implements Pipe {
  readonly room = ROOM;
  readonly #outlet: Outlet;
  readonly #random: Random;
  readonly #waiting = new Waiting();
  #settings: Fault['settings'];
  /** When the next piece may go: added up, so that late timers do not make the pauses longer. */
  #next = Number.NEGATIVE_INFINITY;

  constructor(outlet: Outlet, settings: Fault['settings'], random: Random) {
    this.#outlet = outlet;
    this.#settings = settings;
    this.#random = random;
  }

  get held(): number {
    return this.#waiting.weight;
  }

  take(bytes: Buffer): void {
    const first = this.#waiting.bytes === 0;
    this.#waiting.put(bytes);
    if (!first) return;
    this.#next = Math.max(this.#next, this.#outlet.now());
    this.due();
  }

  ended(how: Ending): void {
    this.#waiting.end(how);
    this.#endIfDone();
  }

  due(): void {
    const by = this.#outlet.now() + EARLY_MS;
    for (let count = 0; count < MOST_AT_ONCE && this.#next <= by; count += 1) {
      const piece = this.#waiting.take(this.#draw());
      if (piece === null) break;
      this.#next += Number(this.#settings.delay);
      this.#outlet.pass(piece);
    }
    this.#endIfDone();
    this.#outlet.wake(this.#waiting.bytes > 0 ? this.#next : Number.POSITIVE_INFINITY);
  }

  change(settings: Fault['settings']): void {
    this.#settings = settings;
    this.#next = Math.min(this.#next, this.#outlet.now() + Number(settings.delay));
    this.due();
  }

  flush(): void {
    for (let piece = this.#takeAll(); piece !== null; piece = this.#takeAll()) this.#outlet.pass(piece);
    this.#endIfDone();
    this.#outlet.wake(Number.POSITIVE_INFINITY);
  }

  removed(): void {
    // What waited was handed on.
  }

  #draw(): number {
    if (this.#waiting.bytes === 0) return 0;
    return drawSlice(Number(this.#settings.size), Number(this.#settings.variation), this.#random);
  }

  #takeAll(): Buffer | null {
    return this.#waiting.take(Number.POSITIVE_INFINITY);
  }

  #endIfDone(): void {
    const ending = this.#waiting.takeEnding();
    if (ending !== null) this.#outlet.end(ending);
  }
}
