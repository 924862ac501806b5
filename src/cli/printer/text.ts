/**
 * Text of others on our screen: its width in columns, cut to fit, free of what could command a terminal. It must not know what the
 * text says.
 */

import { characterWidth, printable } from '../../config/display-width.ts';

const PLAIN_ASCII = /^[ -~]*$/;
/** CSI, OSC (ended by BEL or ST), and the other escapes of two or three characters. */
const ESCAPES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is looked for.
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\|$)|\u001b[PX^_][^\u001b]*(?:\u001b\\|$)|\u001b[ -/]*[0-~]|\u009b[0-?]*[ -/]*[@-~]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour sequences are what is looked for.
const COLOR = /^\u001b\[[\d;:]*m$/;

const RESET = '\u001b[0m';

/** Columns that the text takes; colour sequences take none. */
export function displayWidth(text: string): number {
  if (PLAIN_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of stripEscapes(text)) width += characterWidth(character);
  return width;
}

/** At most `width` columns, with `mark` at the end where something was cut. For text without escape sequences. */
export function fit(text: string, width: number, mark: string): string {
  if (displayWidth(text) <= width) return text;
  const room = width - displayWidth(mark);
  if (room <= 0) return mark.slice(0, Math.max(0, width));
  let kept = '';
  let used = 0;
  for (const character of text) {
    used += characterWidth(character);
    if (used > room) break;
    kept += character;
  }
  return kept + mark;
}

export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

export function padStart(text: string, width: number): string {
  return ' '.repeat(Math.max(0, width - displayWidth(text))) + text;
}

export function stripEscapes(text: string): string {
  return text.includes('\u001b') || text.includes('\u009b') ? text.replace(ESCAPES, '') : text;
}

/** One line, for names and reasons: no escapes, control characters as pictures, line breaks and tabs as spaces. */
export function safe(text: string): string {
  return printable(stripEscapes(text).replace(/[\r\n\t]+/g, ' '));
}

/**
 * A line of a program's output. Colours stay when `colors`; whatever moves the cursor or talks to the terminal goes. Of a line that
 * was rewritten by carriage returns (progress bars) the last state stays.
 */
export function safeLogLine(text: string, colors: boolean): string {
  const line = text.endsWith('\r') ? text.slice(0, -1) : text;
  const shown = line.slice(line.lastIndexOf('\r') + 1);
  if (PLAIN_ASCII.test(shown)) return shown;
  if (!colors) return printable(stripEscapes(shown));
  let clean = '';
  let from = 0;
  let colored = false;
  for (const match of shown.matchAll(ESCAPES)) {
    clean += printable(shown.slice(from, match.index));
    from = match.index + match[0].length;
    if (!COLOR.test(match[0])) continue;
    clean += match[0];
    colored = true;
  }
  clean += printable(shown.slice(from));
  return colored && !clean.endsWith(RESET) ? clean + RESET : clean;
}

/** Lines of at most `width` columns, broken at spaces; never narrower than 20. */
export function wrap(text: string, width: number): readonly string[] {
  const room = Math.max(20, width);
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && displayWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}
