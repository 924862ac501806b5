/** One timer for everything that waits: 5,000 delayed connections are one entry in Node's own list. It must not know what waits. */

import { Agenda, type Entry } from '../../core/faults/agenda.ts';
import { EARLY_MS } from '../faults/turn.ts';

export interface Alarm extends Entry {
  /** Its time has come. It may ask again. */
  due(): void;
}

export class Alarms {
  readonly #agenda = new Agenda<Alarm>();
  #timer: NodeJS.Timeout | null = null;
  #soon: NodeJS.Immediate | null = null;
  /** What the timer is set to. */
  #set = Number.POSITIVE_INFINITY;

  get size(): number {
    return this.#agenda.size;
  }

  now(): number {
    return performance.now();
  }

  /** Infinity: not at all. */
  put(alarm: Alarm, at: number): void {
    if (at === Number.POSITIVE_INFINITY) {
      this.#agenda.drop(alarm);
      // It may be among those that ring just now.
      alarm.at = at;
    } else this.#agenda.put(alarm, at);
    this.#arm();
  }

  close(): void {
    this.#disarm();
  }

  /** A timer that is early finds nothing due and sets itself anew: only one that would be late has to be replaced. */
  #arm(): void {
    const { next } = this.#agenda;
    if (next < Number.POSITIVE_INFINITY && next >= this.#set) return;
    this.#disarm();
    if (next === Number.POSITIVE_INFINITY) return;
    this.#set = next;
    const ms = next - performance.now();
    if (ms <= EARLY_MS) this.#soon = setImmediate(this.#ring);
    else this.#timer = setTimeout(this.#ring, Math.min(LONGEST_MS, Math.round(ms)));
  }

  readonly #ring = (): void => {
    this.#timer = null;
    this.#soon = null;
    this.#set = Number.POSITIVE_INFINITY;
    const by = performance.now() + EARLY_MS;
    // Those that ask for the same moment again wait for the next turn: sockets come between.
    const due: Alarm[] = [];
    for (let alarm = this.#agenda.take(by); alarm !== null; alarm = this.#agenda.take(by)) due.push(alarm);
    for (const alarm of due) if (alarm.slot < 0 && alarm.at <= by) alarm.due();
    this.#arm();
  };

  #disarm(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#soon !== null) clearImmediate(this.#soon);
    this.#timer = null;
    this.#soon = null;
    this.#set = Number.POSITIVE_INFINITY;
  }
}

/** What Node's timers take. */
const LONGEST_MS = 2_147_483_647;
