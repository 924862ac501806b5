/**
 * Which bytes of a stream are changed, and how: by their place in the stream alone, so that it does not matter in what pieces they
 * come. Pure: random numbers come in.
 */

import type { Random } from './random.ts';

export class ByteErrors {
  readonly #random: Random;
  #share: number;
  /** Bytes until the next one that is changed. */
  #gap: number;

  /** `share`: of the bytes, above 0 up to 1. */
  constructor(share: number, random: Random) {
    this.#random = random;
    this.#share = share;
    this.#gap = this.#draw();
  }

  set share(share: number) {
    this.#share = share;
    this.#gap = this.#draw();
  }

  /** Calls `flip` with the place and the bit of each error in the next `length` bytes. */
  pass(length: number, flip: (index: number, bit: number) => void): void {
    let index = this.#gap;
    for (; index < length; index += 1 + this.#draw()) flip(index, Math.floor(this.#random() * 8));
    this.#gap = index - length;
  }

  /** Bytes between two errors when each byte is drawn by itself: a geometric distribution. */
  #draw(): number {
    if (this.#share >= 1) return 0;
    if (this.#share <= 0) return Number.POSITIVE_INFINITY;
    return Math.floor(Math.log(1 - this.#random()) / Math.log(1 - this.#share));
  }
}
