/**
 * Collects mistakes by the path of what they are about (`services`, `api`, `port`) and turns them into diagnostics with places. It
 * must not know what is a mistake.
 */

import type { Diagnostic, Mistake, Span } from './diagnostic.ts';
import type { Entry, Located, ParsedText } from './document.ts';
import { Lines } from './lines.ts';

export type Path = readonly (string | number)[];

/** A piece of a text value; the offset counts from the start of the value. */
export interface Piece {
  readonly offset: number;
  readonly length: number;
}

export class Reporter {
  readonly #file: string;
  readonly #text: string;
  readonly #parsed: ParsedText;
  readonly #mistakes: Mistake[];

  constructor(file: string, text: string, parsed: ParsedText) {
    this.#file = file;
    this.#text = text;
    this.#parsed = parsed;
    this.#mistakes = [...parsed.mistakes];
  }

  /** About the value at the path, or the nearest thing above it that exists. */
  value(path: Path, message: string, hint?: string): void {
    this.#add(this.#spanOf(path), message, hint);
  }

  /** About the key that ends the path. */
  key(path: Path, message: string, hint?: string): void {
    this.#add(this.#entry(path)?.key ?? this.#spanOf(path), message, hint);
  }

  /** About a piece of the text at the path. */
  piece(path: Path, piece: Piece, message: string, hint?: string): void {
    this.#add(this.#spanOfPiece(path, piece), message, hint);
  }

  /** The scalar at the path as it was written, such as `1.10`. */
  source(path: Path): string | null {
    return this.#find(path)?.source ?? null;
  }

  get failed(): boolean {
    return this.#mistakes.length > 0;
  }

  /** In the order of the file; what was said twice is said once. */
  diagnostics(): readonly Diagnostic[] {
    const seen = new Set<string>();
    const lines = new Lines(this.#text);
    const diagnostics: Diagnostic[] = [];
    for (const { span, message, hint } of [...this.#mistakes].sort((a, b) => a.span.start - b.span.start)) {
      const identity = `${span.start}:${message}`;
      if (seen.has(identity)) continue;
      seen.add(identity);
      const range = lines.rangeOf(span);
      diagnostics.push({ severity: 'error', message, file: this.#file, range, hint: hint ?? null });
    }
    return diagnostics;
  }

  #add(span: Span, message: string, hint: string | undefined): void {
    this.#mistakes.push(hint === undefined ? { span, message } : { span, message, hint });
  }

  #find(path: Path): Located | null {
    let at = this.#parsed.root;
    for (const step of path) {
      const next: Located | undefined =
        typeof step === 'number' ? at?.items?.[step] : at?.entries?.get(step)?.value;
      if (next === undefined) return null;
      at = next;
    }
    return at;
  }

  #entry(path: Path): Entry | undefined {
    const last = path.at(-1);
    return typeof last === 'string' ? this.#find(path.slice(0, -1))?.entries?.get(last) : undefined;
  }

  #spanOf(path: Path): Span {
    const found = this.#find(path);
    // A map is pointed at by its key: a caret under a whole block helps nobody. So is a value that is not there.
    const wide = found === null || found.source === null || found.value === null;
    if (found !== null && !wide) return found.span;
    const key = this.#entry(path)?.key;
    if (key !== undefined) return key;
    if (found !== null) return this.#firstLine(found.span);
    return path.length === 0 ? { start: 0, end: 0 } : this.#spanOf(path.slice(0, -1));
  }

  #firstLine(span: Span): Span {
    const end = this.#text.indexOf('\n', span.start);
    return { start: span.start, end: end < 0 ? span.end : Math.min(end, span.end) };
  }

  /** Quotes, escapes and folding make a value differ from its text; then the piece is looked for. */
  #spanOfPiece(path: Path, piece: Piece): Span {
    const found = this.#find(path);
    if (found === null || typeof found.value !== 'string') return this.#spanOf(path);
    const raw = this.#text.slice(found.span.start, found.span.end);
    const whole = raw.indexOf(found.value);
    const words = found.value.slice(piece.offset, piece.offset + piece.length);
    const nth = found.value.slice(0, piece.offset).split(words).length - 1;
    const offset = whole >= 0 ? whole + piece.offset : nthIndex(raw, words, nth);
    if (offset < 0 || words === '') return this.#spanOf(path);
    return { start: found.span.start + offset, end: found.span.start + offset + piece.length };
  }
}

function nthIndex(text: string, words: string, nth: number): number {
  let at = text.indexOf(words);
  for (let count = 0; count < nth && at >= 0; count += 1) at = text.indexOf(words, at + words.length);
  return at;
}
