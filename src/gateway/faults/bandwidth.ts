/** Fault: no more than so many bytes a second. It must not know sockets. */

import type { Fault } from '../../core/fault.ts';
import { Line } from '../../core/faults/line.ts';
import type { Ending, FaultPart, Outlet, Pipe } from './pipe.ts';
import { EARLY_MS, MOST_AT_ONCE } from './turn.ts';
import { Waiting } from './waiting.ts';

export const bandwidth: FaultPart = {
  name: 'bandwidth',
  summary: 'No more than so much in a second, for each connection.',
  main: 'rate',
  direction: 'both',
  settings: [{ name: 'rate', unit: 'rate', least: 1, summary: 'Each way that the fault is on.' }],
  example: 'bandwidth=1MB/s',
  pipe: (outlet, settings) => new BandwidthPipe(outlet, settings),
};

/** In ms of sending: what is written at once. Small enough to look steady, large enough not to be all timers. */
const PIECE_MS = 10;
/** In ms of sending: as much waits here at most, so that the line never runs dry while its side is read again. */
const ROOM_MS = 200;
const LEAST_ROOM = 64_000;
const MOST_ROOM = 4_000_000;

class BandwidthPipe implements Pipe {
  readonly #outlet: Outlet;
  readonly #waiting = new Waiting();
  readonly #line: Line;
  #rate: number;

  constructor(outlet: Outlet, settings: Fault['settings']) {
    this.#outlet = outlet;
    this.#rate = Number(settings.rate);
    this.#line = new Line(this.#rate, outlet.now());
  }

  get held(): number {
    return this.#waiting.weight;
  }

  get room(): number {
    return Math.min(MOST_ROOM, Math.max(LEAST_ROOM, (this.#rate * ROOM_MS) / 1000));
  }

  take(bytes: Buffer): void {
    const first = this.#waiting.bytes === 0;
    this.#waiting.put(bytes);
    if (!first) return;
    this.#line.begin(this.#outlet.now());
    this.#ask();
  }

  ended(how: Ending): void {
    this.#waiting.end(how);
    this.#endIfDone();
  }

  due(): void {
    let ready = this.#line.ready(this.#outlet.now() + EARLY_MS);
    for (let count = 0; count < MOST_AT_ONCE; count += 1) {
      const piece = this.#waiting.take(ready);
      if (piece === null) break;
      ready -= piece.length;
      this.#line.sent(piece.length);
      this.#outlet.pass(piece);
    }
    this.#endIfDone();
    this.#ask();
  }

  change(settings: Fault['settings']): void {
    this.due();
    this.#rate = Number(settings.rate);
    this.#line.change(this.#rate, this.#outlet.now());
    this.#ask();
  }

  flush(): void {
    for (let piece = this.#take(); piece !== null; piece = this.#take()) this.#outlet.pass(piece);
    this.#endIfDone();
    this.#ask();
  }

  removed(): void {
    // What waited was handed on.
  }

  #take(): Buffer | null {
    return this.#waiting.take(Number.POSITIVE_INFINITY);
  }

  #endIfDone(): void {
    const ending = this.#waiting.takeEnding();
    if (ending !== null) this.#outlet.end(ending);
  }

  #ask(): void {
    const piece = Math.max(1, Math.floor((this.#rate * PIECE_MS) / 1000));
    const next = Math.min(piece, this.#waiting.bytes);
    this.#outlet.wake(next === 0 ? Number.POSITIVE_INFINITY : this.#line.when(next));
  }
}
