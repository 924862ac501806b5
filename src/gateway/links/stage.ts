/** One fault's place in one direction of one connection: joins its pipe to what comes behind, and its wishes for time to the alarms. */

import type { Fault } from '../../core/fault.ts';
import type { Ending, Outlet, Pipe } from '../faults/pipe.ts';
import type { Alarm, Alarms } from './alarms.ts';
import type { Force } from './force.ts';

/** Where a direction ends. */
export interface Sink {
  write(bytes: Buffer): void;
  end(how: Ending): void;
  reset(): void;
  /** The direction ends at this stage, though what lies behind it is still under way: nothing may follow, whatever comes or goes. */
  cut(at: Stage): void;
  /** A pipe has let go of something: there may be room again. */
  moved(): void;
}

export class Stage implements Outlet, Alarm {
  readonly force: Force;
  slot = -1;
  at = 0;
  /** Null: nothing comes behind it but the sink. */
  next: Stage | null = null;
  readonly #sink: Sink;
  readonly #alarms: Alarms;
  readonly #pipe: Pipe;
  #settings: Fault['settings'];
  #over = false;

  constructor(force: Force, sink: Sink, alarms: Alarms, make: (outlet: Outlet) => Pipe) {
    this.force = force;
    this.#sink = sink;
    this.#alarms = alarms;
    this.#settings = force.fault.settings;
    this.#pipe = make(this);
  }

  /** It holds more than it may. */
  get full(): boolean {
    return this.#pipe.held > this.#pipe.room;
  }

  /** It has passed an end, or was left. */
  get isOver(): boolean {
    return this.#over;
  }

  take(bytes: Buffer): void {
    this.#pipe.take(bytes);
  }

  ended(how: Ending): void {
    this.#pipe.ended(how);
  }

  due(): void {
    this.#pipe.due();
    this.#sink.moved();
  }

  /** Other settings reach it while it works. */
  renew(): void {
    const { settings } = this.force.fault;
    if (settings === this.#settings) return;
    this.#settings = settings;
    this.#pipe.change(settings);
  }

  flush(): void {
    this.#pipe.flush();
  }

  leave(): void {
    this.#pipe.flush();
    this.#pipe.removed();
    this.stop();
  }

  /** The connection is gone. */
  stop(): void {
    this.#alarms.put(this, Number.POSITIVE_INFINITY);
    this.#over = true;
  }

  now(): number {
    return this.#alarms.now();
  }

  pass(bytes: Buffer): void {
    if (this.#over) return;
    if (this.next === null) this.#sink.write(bytes);
    else this.next.take(bytes);
  }

  end(how: Ending): void {
    if (this.#over) return;
    this.#over = true;
    if (how === 'whole') this.#sink.cut(this);
    // One that has passed an end itself may have come behind this one since, which kept that end.
    let next = this.next;
    while (next?.isOver === true) next = next.next;
    if (next === null) this.#sink.end(how);
    else next.ended(how);
  }

  reset(): void {
    if (!this.#over) this.#sink.reset();
  }

  wake(at: number): void {
    if (!this.#over || at === Number.POSITIVE_INFINITY) this.#alarms.put(this, at);
  }
}
