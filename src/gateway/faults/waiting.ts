/** Bytes that wait in their order, and the ending behind them. Cut when they are handed on, not before. It must not know why they wait. */

import type { Ending } from './pipe.ts';

/** What one more buffer costs beside its bytes: a thousand of one byte each are not a thousand bytes. */
export const OVERHEAD = 200;

export class Waiting {
  #chunks: Buffer[] = [];
  #first = 0;
  #cut = 0;
  #bytes = 0;
  #ending: Ending | null = null;

  get bytes(): number {
    return this.#bytes;
  }

  /** What it costs to hold them. */
  get weight(): number {
    return this.#bytes + (this.#chunks.length - this.#first) * OVERHEAD;
  }

  put(bytes: Buffer): void {
    this.#chunks.push(bytes);
    this.#bytes += bytes.length;
  }

  end(how: Ending): void {
    this.#ending = how;
  }

  /** At most so many bytes of the first piece; null when none waits. */
  take(most: number): Buffer | null {
    const chunk = this.#chunks[this.#first];
    if (chunk === undefined || most < 1) return null;
    const piece = chunk.subarray(this.#cut, this.#cut + most);
    this.#bytes -= piece.length;
    this.#cut += piece.length;
    if (this.#cut === chunk.length) this.#next();
    return piece;
  }

  /** The ending, once nothing waits before it; once. */
  takeEnding(): Ending | null {
    if (this.#bytes > 0) return null;
    const ending = this.#ending;
    this.#ending = null;
    return ending;
  }

  #next(): void {
    this.#cut = 0;
    this.#first += 1;
    if (this.#first === this.#chunks.length || this.#first > 500) {
      this.#chunks = this.#chunks.slice(this.#first);
      this.#first = 0;
    }
  }
}
