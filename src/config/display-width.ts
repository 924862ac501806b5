/**
 * How wide text stands in a terminal, so that a caret meets its letter. It must not know what the text is about.
 */

const TAB = '\t';

/** Carets below `length` UTF-16 units of `line` from `column` (from 0) on; tabs before them stay tabs. */
export function caretLine(line: string, column: number, length: number): string {
  let indent = '';
  let carets = 0;
  let at = 0;
  for (const character of line) {
    if (at >= column + length) break;
    const width = characterWidth(character);
    if (at >= column) carets += width;
    else indent += character === TAB ? TAB : ' '.repeat(width);
    at += character.length;
  }
  return indent + ' '.repeat(Math.max(0, column - at)) + '^'.repeat(Math.max(1, carets));
}

/** Control characters are shown as their pictures, so that a file cannot command a terminal. */
export function printable(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return text.replace(/[\0-\x08\x0a-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '␡' : '�';
  });
}

/** Columns of one character: 0 for combining marks, 2 for East Asian wide ones and emoji, else 1. */
export function characterWidth(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (NARROW.some(([first, last]) => code >= first && code <= last)) return 1;
  if (ZERO.test(character)) return 0;
  return WIDE.test(character) ? 2 : 1;
}

/** Latin letters, dashes, arrows, shapes, ticks: what we print ourselves. To make the expressions takes 3 ms, which few commands need then. */
const NARROW = [
  [0, 0x2ff],
  [0x200e, 0x20cf],
  [0x2100, 0x2319],
  [0x2500, 0x25fc],
  [0x270e, 0x2727],
] as const;
const ZERO = /^(?:\p{Mn}|\p{Me}|\u{200b}|\u{200c}|\u{200d})$/u;
/** Unicode 15 East Asian Width W and F, as blocks, and what terminals draw as emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18aff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})$/u;
