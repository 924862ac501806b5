/** What is held back until its time, in the order in which it came. Pure; it must not know clocks, nor what is held. */

interface Holding<T> {
  readonly item: T;
  readonly size: number;
  readonly at: number;
}

/** Times never go backwards along the queue: what comes later is let go later, or at the same time. */
export class Held<T> {
  #queue: Holding<T>[] = [];
  #first = 0;
  #size = 0;
  #last = Number.NEGATIVE_INFINITY;

  /** The sum of what is held. */
  get size(): number {
    return this.#size;
  }

  get empty(): boolean {
    return this.#first === this.#queue.length;
  }

  /** When the first is due; Infinity when nothing is held. */
  get next(): number {
    return this.#queue[this.#first]?.at ?? Number.POSITIVE_INFINITY;
  }

  put(item: T, size: number, at: number): void {
    this.#last = Math.max(this.#last, at);
    this.#queue.push({ item, size, at: this.#last });
    this.#size += size;
  }

  /** The first one that is due by then; undefined when there is none. `Infinity` takes whatever is there. */
  take(by: number): T | undefined {
    const first = this.#queue[this.#first];
    if (first === undefined || first.at > by) return undefined;
    this.#first += 1;
    this.#size -= first.size;
    if (this.#first === this.#queue.length) this.#forget();
    else if (this.#first > 1000 && this.#first * 2 > this.#queue.length) this.#shorten();
    return first.item;
  }

  #forget(): void {
    this.#queue = [];
    this.#first = 0;
    this.#last = Number.NEGATIVE_INFINITY;
  }

  /** What was taken keeps its place for a while: moving all the others each time would cost more than they are worth. */
  #shorten(): void {
    this.#queue = this.#queue.slice(this.#first);
    this.#first = 0;
  }
}
