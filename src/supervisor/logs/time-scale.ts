/**
 * Tells when a byte of a log was written, as near as time marks know: a mark says that the log ended at `offset` at the time `at`.
 * Pure. It must not know files.
 */

export interface Mark {
  /** Logical offset in bytes. */
  readonly offset: number;
  /** Epoch ms. */
  readonly at: number;
}

/** Between marks further apart the log was quiet for a while: what follows the first mark was written at its time. */
const STEADY_MS = 2_500;

export class TimeScale {
  readonly #marks: readonly Mark[];
  readonly #fallback: number;
  /** Where the last question was answered: questions mostly come in rising order. */
  #cursor = 0;

  /** `fallback` (epoch ms) answers when there is no mark at all. */
  constructor(marks: readonly Mark[], fallback: number) {
    this.#marks = rising(marks);
    this.#fallback = fallback;
  }

  /** Epoch ms; never falls while `offset` rises. */
  at(offset: number): number {
    const index = this.#seek(offset);
    const mark = this.#marks[index];
    if (mark === undefined) return this.#marks[0]?.at ?? this.#fallback;
    const next = this.#marks[index + 1];
    if (next === undefined || next.at - mark.at > STEADY_MS) return mark.at;
    const share = (offset - mark.offset) / (next.offset - mark.offset);
    return Math.floor(mark.at + share * (next.at - mark.at));
  }

  /** An offset before which nothing was written at or after `since` (epoch ms). */
  from(since: number): number {
    let low = 0;
    let high = this.#marks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#marks[middle] as Mark).at < since) low = middle + 1;
      else high = middle;
    }
    return this.#marks[low - 1]?.offset ?? 0;
  }

  /** The last mark at or before the offset; -1: none. */
  #seek(offset: number): number {
    const marks = this.#marks;
    let index = this.#cursor;
    if ((marks[index]?.offset ?? 0) > offset) index = -1;
    for (let steps = 0; steps < 8; steps++) {
      const next = marks[index + 1];
      if (next === undefined || next.offset > offset) {
        this.#cursor = Math.max(0, index);
        return index;
      }
      index++;
    }
    return this.#search(offset, index);
  }

  #search(offset: number, from: number): number {
    let low = from;
    let high = this.#marks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#marks[middle] as Mark).offset <= offset) low = middle;
      else high = middle - 1;
    }
    this.#cursor = Math.max(0, low);
    return low;
  }
}

/**
 * A clock that was set back leaves marks in the future. The marks after the jump are the right ones, so earlier ones are lowered to
 * them: times never fall, and `since` still finds what was written last.
 */
function rising(marks: readonly Mark[]): Mark[] {
  const result: Mark[] = [];
  let ceiling = Number.POSITIVE_INFINITY;
  let offset = Number.POSITIVE_INFINITY;
  for (let index = marks.length - 1; index >= 0; index--) {
    const mark = marks[index] as Mark;
    if (mark.offset > offset) continue;
    ceiling = Math.min(ceiling, mark.at);
    offset = mark.offset;
    result.push({ offset, at: ceiling });
  }
  return result.reverse();
}
