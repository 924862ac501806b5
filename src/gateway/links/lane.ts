/**
 * One direction of a connection: what is read on one side is written on the other, through the faults that lie between. Without any,
 * a read is a write and nothing else. It must not know what faults do, nor how connections begin and end.
 */

import type { Socket } from 'node:net';
import type { Ending } from '../faults/pipe.ts';
import type { Outflow } from '../sockets/outflow.ts';
import { Reader, type Taker } from './reader.ts';
import type { Sink, Stage } from './stage.ts';

export interface LaneOwner {
  /** Bytes came in. */
  count(bytes: number): void;
  /** The direction has ended; what was passed is written, or will be. */
  ended(how: Ending): void;
  reset(): void;
}

export class Lane implements Sink, Taker {
  /** What its side has to read by. */
  readonly reader = new Reader(this);
  readonly #owner: LaneOwner;
  #from: Socket | null = null;
  #to: Outflow | null = null;
  /** What came before there was somebody to give it to. */
  #early: Buffer[] = [];
  #earlyBytes = 0;
  #earlyEnd: Ending | null = null;
  #stages: readonly Stage[] = [];
  #paused = true;
  #stopped = false;
  /** Another process reads and writes instead. */
  #lent = false;
  /** A fault has ended it: what would come behind what was lost is left. */
  #cut = false;

  constructor(owner: LaneOwner) {
    this.#owner = owner;
  }

  get keeps(): boolean {
    return this.#stages.length > 0 || this.#to === null;
  }

  take(bytes: Buffer): boolean {
    if (this.#stopped) return false;
    this.#owner.count(bytes.length);
    if (this.#cut) return false;
    const [first] = this.#stages;
    if (first === undefined) this.write(bytes);
    else first.take(bytes);
    this.moved();
    return this.#to === null || this.#to.waiting > 0;
  }

  /** `from` reads by `reader`, and nothing until the lane has begun. */
  leadFrom(from: Socket): void {
    this.#from = from;
    from.on('end', () => this.#ended());
  }

  get stages(): readonly Stage[] {
    return this.#stages;
  }

  /** Reads, although there is nobody to give it to yet: only so is it seen when the other side goes. */
  begin(): void {
    this.moved();
  }

  connect(to: Outflow): void {
    this.#to = to;
    to.drained = () => this.moved();
    for (const bytes of this.#early) to.write(bytes);
    this.#early = [];
    this.#earlyBytes = 0;
    const end = this.#earlyEnd;
    this.#earlyEnd = null;
    if (end !== null) this.end(end);
    this.moved();
  }

  /** In the order in which bytes pass them. Those that were there before and are not now must have left. */
  set(stages: readonly Stage[]): void {
    this.#stages = stages;
    for (const [index, stage] of stages.entries()) stage.next = stages[index + 1] ?? null;
  }

  write(bytes: Buffer): void {
    if (this.#to !== null) this.#to.write(bytes);
    else {
      this.#early.push(bytes);
      this.#earlyBytes += bytes.length;
    }
  }

  end(how: Ending): void {
    if (this.#to === null && how === 'half') this.#earlyEnd = how;
    else this.#owner.ended(how);
  }

  reset(): void {
    this.#owner.reset();
  }

  cut(at: Stage): void {
    const place = this.#stages.indexOf(at);
    if (place < 0) return;
    this.#cut = true;
    for (const stage of this.#stages.slice(0, place + 1)) stage.stop();
    this.#stages = this.#stages.slice(place + 1);
  }

  /** Only what lies behind the fault that ended it is still there, and no other comes. */
  get isCut(): boolean {
    return this.#cut;
  }

  moved(): void {
    const full = this.#full();
    if (full === this.#paused || this.#stopped) return;
    this.#paused = full;
    if (full) this.#from?.pause();
    else this.#from?.resume();
  }

  /** All that was read is written, nothing waits, and there may come more. */
  get isClear(): boolean {
    if (this.#paused || this.#cut || this.#stopped || this.#stages.length > 0) return false;
    return this.#from?.readable === true && this.#to?.waiting === 0;
  }

  /** Only when it is clear. Reads nothing more until it is given back. */
  lend(): void {
    this.#lent = true;
    this.moved();
  }

  /** `rest`: what was read elsewhere and is to be written before anything else. */
  back(rest: Uint8Array | null): void {
    this.#lent = false;
    if (rest !== null) this.#to?.write(Buffer.from(rest.buffer, rest.byteOffset, rest.byteLength));
    this.moved();
  }

  /** Whatever comes still is read and left. */
  stop(): void {
    this.#stopped = true;
    this.reader.close();
    for (const stage of this.#stages) stage.stop();
  }

  #ended(): void {
    if (this.#cut) return;
    const [first] = this.#stages;
    if (first === undefined) this.end('half');
    else first.ended('half');
  }

  #full(): boolean {
    if (this.#lent) return true;
    if (this.#to === null ? this.#earlyBytes > MOST_EARLY : this.#to.isFull) return true;
    return this.#stages.length > 0 && this.#stages.some((stage) => stage.full);
  }
}

/** As much as a listening socket's own queue would hold for somebody who is not accepted yet. */
const MOST_EARLY = 64_000;
