/**
 * A mistake in a config file: what, exactly where, what to do; and how it is shown to people. It must not know how mistakes are
 * found.
 */

import { caretLine, printable } from './display-width.ts';

export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** As it was handed in, usually absolute. */
  readonly file: string;
  readonly range: Range;
  /** The next step, or null when the message says it all. */
  readonly hint: string | null;
}

/** Offset and length count UTF-16 units of the text; line and column start at 1. */
export interface Range {
  readonly offset: number;
  readonly length: number;
  readonly line: number;
  readonly column: number;
}

/** Half-open, in UTF-16 units of the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Mistake {
  readonly span: Span;
  readonly message: string;
  readonly hint?: string;
}

/**
 * `loopyard.yaml:12:5 error: …`, the source line, a line of carets under the place, the hint. The lines hold no control characters
 * of the file.
 */
export function formatDiagnostic(diagnostic: Diagnostic, text: string): readonly string[] {
  const { severity, message, file, range, hint } = diagnostic;
  const lines = [`${baseName(file)}:${range.line}:${range.column} ${severity}: ${printable(message)}`];
  const source = lineAt(text, range);
  if (source.trim() !== '') {
    const window = clip(source, range.column - 1);
    const length = Math.max(1, Math.min(range.length, window.text.length - window.column));
    lines.push(`    ${printable(window.text)}`, `    ${caretLine(window.text, window.column, length)}`);
  }
  if (hint !== null) lines.push(`    hint: ${printable(hint)}`);
  return lines;
}

const WIDEST = 160;

function lineAt(text: string, range: Range): string {
  const start = range.offset - (range.column - 1);
  const end = text.indexOf('\n', start);
  return text.slice(start, end < 0 ? text.length : end).replace(/\r$/, '');
}

/** A line of a minified file is cut to the part around the place. */
function clip(line: string, column: number): { text: string; column: number } {
  if (line.length <= WIDEST) return { text: line, column };
  const from = Math.max(0, column - WIDEST / 2);
  const to = Math.min(line.length, from + WIDEST);
  const before = from > 0 ? '…' : '';
  const after = to < line.length ? '…' : '';
  return { text: before + line.slice(from, to) + after, column: column - from + before.length };
}

function baseName(file: string): string {
  return file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
}
