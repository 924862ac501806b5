/**
 * A few lines at the bottom of a terminal that are redrawn in place while other lines scroll by above. Each redraw is one write, so
 * nothing flickers; a resize in between cannot leave torn lines. It must not know what the lines say.
 */

import type { Output } from '../world.ts';
import { columnsOf, rowsOf } from './look.ts';
import { displayWidth } from './text.ts';

const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';
const CLEAR_BELOW = '\u001b[J';
const CLEAR_REST = '\u001b[K';

export class Region {
  readonly #output: Output;
  /** What stands on the screen now, as it was written. */
  #drawn: readonly string[] = [];
  #open = false;

  constructor(output: Output) {
    this.#output = output;
  }

  /** Replaces the lines. What does not fit the screen's height is left out with a last line that says how many. */
  draw(lines: readonly string[], more: (hidden: number) => string): void {
    const room = Math.max(1, rowsOf(this.#output) - 1);
    const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), more(lines.length - room + 1)];
    if (!this.#open || shown.join('\n') !== this.#drawn.join('\n')) this.#write('', shown);
  }

  /** Writes lines above; the region stays below them. */
  above(text: string): void {
    this.#write(`${text.replaceAll('\n', `${CLEAR_REST}\n`)}${CLEAR_REST}\n`, this.#drawn);
  }

  /** Leaves the last lines where they are and gives the cursor back. */
  close(): void {
    if (!this.#open) return;
    this.#output.write(`${this.#drawn.length > 0 ? '\n' : ''}${SHOW_CURSOR}`);
    this.#forget();
  }

  /** Takes the lines away and gives the cursor back. */
  erase(): void {
    if (!this.#open) return;
    this.#output.write(this.#backToTop() + CLEAR_BELOW + SHOW_CURSOR);
    this.#forget();
  }

  #forget(): void {
    this.#drawn = [];
    this.#open = false;
  }

  #write(before: string, lines: readonly string[]): void {
    const start = this.#open ? '' : HIDE_CURSOR;
    const body = lines.map((line) => line + CLEAR_REST).join('\n');
    const text = start + this.#backToTop() + before + body + CLEAR_BELOW;
    this.#open = true;
    this.#drawn = lines;
    this.#output.write(text);
  }

  /** The cursor stands at the end of the last line. Where the terminal became narrower the lines take more rows than were written. */
  #backToTop(): string {
    if (this.#drawn.length === 0) return '';
    const columns = columnsOf(this.#output);
    const rows = this.#drawn.reduce(
      (sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)),
      0,
    );
    return rows > 1 ? `\r\u001b[${rows - 1}A` : '\r';
  }
}
