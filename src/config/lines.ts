/**
 * Offsets of a text -> lines and columns. It must not know what stands at them.
 */

import type { Range, Span } from './diagnostic.ts';

/** Lines end with `\n`, as YAML and editors count them. */
export class Lines {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#starts.push(at + 1);
    // Nobody sees a byte order mark, so it is no column.
    if (text.startsWith('\ufeff')) this.#starts[0] = 1;
  }

  rangeOf({ start, end }: Span): Range {
    const line = this.#lineAt(start);
    const column = Math.max(0, start - (this.#starts[line] ?? 0)) + 1;
    return { offset: start, length: end - start, line: line + 1, column };
  }

  /** The last line that starts at or before the offset, by halving. */
  #lineAt(offset: number): number {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
