/** What is to be done when, the earliest first: a heap whose entries can be moved and taken out. Pure; it must not know clocks. */

export interface Entry {
  /** Where it stands in its agenda, kept by it; -1: in none. */
  slot: number;
  /** When it is due. Written by the agenda. */
  at: number;
}

export class Agenda<T extends Entry> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  /** The earliest time; Infinity when nothing is to be done. */
  get next(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  /** Enters it, or moves it when it is entered already. */
  put(entry: T, at: number): void {
    entry.at = at;
    if (entry.slot < 0) {
      entry.slot = this.#heap.length;
      this.#heap.push(entry);
    }
    this.#rise(entry);
    this.#sink(entry);
  }

  drop(entry: T): void {
    const { slot } = entry;
    if (slot < 0) return;
    entry.slot = -1;
    const last = this.#heap.pop();
    if (last === undefined || last === entry) return;
    this.#place(last, slot);
    this.#rise(last);
    this.#sink(last);
  }

  /** The earliest entry that is due by then, taken out; null when there is none. */
  take(by: number): T | null {
    const first = this.#heap[0];
    if (first === undefined || first.at > by) return null;
    this.drop(first);
    return first;
  }

  #rise(entry: T): void {
    for (;;) {
      const above = this.#heap[(entry.slot - 1) >> 1];
      if (entry.slot === 0 || above === undefined || above.at <= entry.at) return;
      this.#swap(entry, above);
    }
  }

  #sink(entry: T): void {
    for (;;) {
      const left = this.#heap[entry.slot * 2 + 1];
      const right = this.#heap[entry.slot * 2 + 2];
      const earlier = right !== undefined && left !== undefined && right.at < left.at ? right : left;
      if (earlier === undefined || earlier.at >= entry.at) return;
      this.#swap(entry, earlier);
    }
  }

  #swap(one: T, other: T): void {
    const { slot } = one;
    this.#place(one, other.slot);
    this.#place(other, slot);
  }

  #place(entry: T, slot: number): void {
    this.#heap[slot] = entry;
    entry.slot = slot;
  }
}
