/**
 * The only place that writes to the person's screen: results on standard output, remarks on standard error, JSON documents, the live
 * region. It must not know commands, nor end the process when a reader is gone.
 */

import type { Output } from '../world.ts';
import type { Look } from './look.ts';
import { Region } from './region.ts';
import { type Painter, painter } from './style.ts';
import { type Cell, type Column, formatTable } from './table.ts';

export class Printer {
  readonly look: Look;
  readonly paint: Painter;
  /** For standard error, which may be another kind of stream. */
  readonly errorPaint: Painter;
  /** Resolves when nobody reads standard output any more: `lo logs | head`. */
  readonly readerGone: Promise<void>;
  readonly #out: Output;
  readonly #error: Output;
  readonly #errorLook: Look;
  #region: Region | null = null;
  #gone = false;

  constructor(out: Output, error: Output, look: Look, errorLook: Look) {
    this.#out = out;
    this.#error = error;
    this.look = look;
    this.#errorLook = errorLook;
    this.paint = painter(look.colors);
    this.errorPaint = painter(errorLook.colors);
    this.readerGone = new Promise((resolve) => {
      out.on('error', () => {
        this.#gone = true;
        resolve();
      });
    });
    // Nobody is left to be told that remarks cannot be written.
    error.on('error', () => undefined);
  }

  /** A printer whose results go to standard error. */
  aside(): Printer {
    return new Printer(this.#error, this.#error, this.#errorLook, this.#errorLook);
  }

  /** A line of the result. */
  line(text = ''): void {
    this.lines([text]);
  }

  /** In one write, however many. */
  lines(all: readonly string[]): void {
    if (this.#gone || all.length === 0) return;
    const text = all.join('\n');
    if (this.#region === null) this.#out.write(`${text}\n`);
    else this.#region.above(text);
  }

  /** Text as it is, without a line end of ours. Not for use beside a live region. */
  raw(text: string): void {
    if (!this.#gone) this.#out.write(text);
  }

  /** A remark beside the result. */
  note(text: string): void {
    if (this.#region !== null && this.#error.isTTY === true) this.#region.above(text);
    else this.#error.write(`${text}\n`);
  }

  /** A whole document on its own. */
  document(document: unknown): void {
    if (!this.#gone) this.#out.write(`${JSON.stringify(document, null, 2)}\n`);
  }

  /** One document of a stream. */
  event(document: object): void {
    if (!this.#gone) this.#out.write(`${JSON.stringify({ schema: 1, ...document })}\n`);
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[], indent = ''): void {
    this.lines(this.formatTable(columns, rows, indent));
  }

  formatTable(
    columns: readonly Column[],
    rows: readonly (readonly Cell[])[],
    indent = '',
  ): readonly string[] {
    return formatTable(columns, rows, {
      width: this.look.width(),
      paint: this.paint,
      mark: this.ellipsis,
      indent,
    });
  }

  get ellipsis(): string {
    return this.look.unicode ? '…' : '...';
  }

  /** Lines that stand at the bottom and are redrawn; only where the look is `live`. */
  draw(lines: readonly string[]): void {
    this.#region ??= new Region(this.#out);
    this.#region.draw(lines, (hidden) => this.paint(`${this.ellipsis} and ${hidden} more`, 'dim'));
  }

  /** `keep`: the last lines stay on the screen. */
  endDrawing(keep: boolean): void {
    if (keep) this.#region?.close();
    else this.#region?.erase();
    this.#region = null;
  }

  /** Resolves when there is room for more: to be awaited between the lines of a long stream. */
  async room(): Promise<void> {
    if (this.#gone || this.#out.writableNeedDrain !== true) return;
    await Promise.race([new Promise<void>((resolve) => this.#out.once('drain', resolve)), this.readerGone]);
  }

  /** Resolves when all that was written is out, or nobody reads it. Restores the cursor. */
  async finish(): Promise<void> {
    this.endDrawing(true);
    const flushed = [this.#out, this.#error].map(
      (output) => new Promise<void>((resolve) => output.write('', () => resolve())),
    );
    await Promise.race([Promise.all(flushed), this.readerGone]);
  }
}
