/**
 * What the YAML parser complains about, in words for people. It must not know what a config means.
 */

import { type Document, visit, type YAMLError } from 'yaml';
import type { Mistake } from './diagnostic.ts';

/** Text that is no text: said once, where the parser would complain about every line. */
export function textMistake(text: string): Mistake | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  const match = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]/.exec(text);
  if (match === null) return null;
  const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return {
    span: { start: match.index, end: match.index + 1 },
    message: `the control character U+${code} cannot stand in YAML: is this a text file?`,
  };
}

/** One mistake leads the parser to many complaints: the first of each line is kept, and not more than ten. */
const MOST = 10;
const MOST_READ = 500;

export function syntaxMistakes(document: Document.Parsed, text: string): readonly Mistake[] {
  const mistakes: Mistake[] = [];
  const lines = new Set<number>();
  for (const error of [...document.errors, ...document.warnings].slice(0, MOST_READ)) {
    const start = placeOf(error, document, text);
    const line = text.lastIndexOf('\n', start - 1);
    if (lines.has(line) || mistakes.length >= MOST) continue;
    lines.add(line);
    const end = Math.min(text.length, Math.max(start + 1, error.pos[1]));
    mistakes.push({ span: { start, end }, ...inWords(error, text[start] ?? '') });
  }
  return mistakes;
}

/** The parser counts from the start of the line for indentation, and from where it gave up for quotes. */
function placeOf(error: YAMLError, document: Document.Parsed, text: string): number {
  const at = Math.min(error.pos[0], text.length);
  if (error.code === 'TAB_AS_INDENT') return at;
  if (error.code === 'MISSING_CHAR' && /quote/.test(error.message)) return lastQuote(document, at) ?? at;
  const blanks = /^ */.exec(text.slice(at, at + 200))?.[0].length ?? 0;
  return Math.min(text.length, at + blanks);
}

/** Where the last quoted text before `end` starts. */
function lastQuote(document: Document.Parsed, end: number): number | undefined {
  let found: number | undefined;
  visit(document, {
    Scalar(_, { type, range }) {
      const quoted = type === 'QUOTE_DOUBLE' || type === 'QUOTE_SINGLE';
      if (quoted && range && range[0] <= end) found = range[0];
    },
  });
  return found;
}

function inWords(error: YAMLError, character: string): Pick<Mistake, 'message' | 'hint'> {
  const known = WORDS[error.code];
  if (known !== undefined) return known;
  if (error.code === 'MISSING_CHAR' && /quote/.test(error.message))
    return { message: `the quote ${character} is not closed` };
  const open = /^Flow (\w+) in block collection.* end with a (.)/.exec(error.message);
  if (open !== null)
    return {
      message: `a \`${open[2]}\` is missing before this`,
      hint: 'lines between brackets are indented',
    };
  // The parser recurses, and says so in the engine's words.
  if (/call stack/.test(error.message)) return { message: 'the file is nested too deeply' };
  const message = `not valid YAML: ${lowerFirst(error.message)}`;
  if (character === '@' || character === '`') {
    return { message, hint: `text that starts with \`${character}\` needs quotes` };
  }
  return { message };
}

const WORDS: Partial<Record<YAMLError['code'], Pick<Mistake, 'message' | 'hint'>>> = {
  TAB_AS_INDENT: { message: 'a tab cannot indent YAML', hint: 'use spaces' },
  MULTIPLE_DOCS: {
    message: 'there is a second document in the file',
    hint: 'remove the `---` and what follows it',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'a `key: value` cannot stand on the line of another',
    hint: 'put it on a line of its own, indented; text with `: ` in it needs quotes',
  },
  MULTILINE_IMPLICIT_KEY: { message: 'not valid YAML: a key without `:`', hint: 'write `key: value`' },
  TAG_RESOLVE_FAILED: { message: 'tags such as `!name` are not understood here', hint: 'remove the tag' },
};

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
