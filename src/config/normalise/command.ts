/**
 * `run:` -> what is executed: a shell text when the shell is needed, else words split by POSIX quoting rules. It must not know how
 * commands are run.
 */

import type { Command, Template } from '../../core/model.ts';
import { type PlacedPart, parseTemplate, type TemplateProblem, toTemplate } from '../../core/template.ts';

export interface ReadCommand {
  /** null when it cannot be run. */
  readonly command: Extract<Command, { kind: 'shell' | 'exec' }> | null;
  /** With places in the text. */
  readonly parts: readonly PlacedPart[];
  readonly problems: readonly TemplateProblem[];
}

export function readCommand(text: string): ReadCommand {
  const indent = text.length - text.trimStart().length;
  const parsed = parseTemplate(text.trim(), 'shell');
  const shifted = <T extends { readonly offset: number }>(place: T): T => ({
    ...place,
    offset: place.offset + indent,
  });
  const parts = parsed.parts.map(shifted);
  const problems = parsed.problems.map(shifted);
  const words = startsLikeShell(text) ? null : new Splitter(parts).split();
  if (words === null) return { command: { kind: 'shell', text: toTemplate(parts) }, parts, problems };
  const broken = unrunnable(words, text);
  if (broken !== null) return { command: null, parts, problems: [...problems, broken] };
  return { command: { kind: 'exec', argv: words.argv }, parts, problems };
}

/** Words that only a shell understands; a program of that name either does not exist or does something else. */
const SHELL_WORDS: ReadonlySet<string> = new Set(
  '! . : [[ alias case cd eval exec exit export for if return set source trap ulimit umask unset until wait while {'.split(
    ' ',
  ),
);

function startsLikeShell(text: string): boolean {
  const [first = ''] = text.trim().split(/\s/, 1);
  return SHELL_WORDS.has(first) || /^[A-Za-z_][A-Za-z0-9_]*=/.test(first);
}

interface Words {
  readonly argv: readonly Template[];
  /** Where a quote was opened that nothing closes. */
  readonly openQuote: number | null;
}

function unrunnable({ argv, openQuote }: Words, text: string): TemplateProblem | null {
  if (openQuote !== null) {
    return {
      offset: openQuote,
      length: 1,
      message: `the quote ${text[openQuote]} is not closed`,
      hint: 'close it, or put a backslash before it',
    };
  }
  const program = argv[0]?.[0];
  const empty = program === undefined || (program.kind === 'text' && program.text === '');
  return empty ? { offset: 0, length: text.length, message: 'the command is empty', hint: null } : null;
}

const OPERATOR = /[|&;<>()`*?[\n]/;
const BLANK = /[ \t\r]/;
/** A `$` that the shell would replace. */
const EXPANSION = /^\$[A-Za-z0-9_{(@*#?!-]/;

/** Splits into words; the first thing that needs a shell ends it. */
class Splitter {
  readonly #parts: readonly PlacedPart[];
  readonly #argv: Template[] = [];
  #word: PlacedPart[] | null = null;
  #quote: { readonly mark: string; readonly at: number } | null = null;

  constructor(parts: readonly PlacedPart[]) {
    this.#parts = parts;
  }

  /** null: a shell is needed. */
  split(): Words | null {
    for (const placed of this.#parts) {
      // References, and the `$` that was written `$$`, are no syntax.
      if (placed.part.kind !== 'text' || placed.length !== placed.part.text.length) this.#push(placed);
      else if (!this.#text(placed.part.text, placed.offset)) return null;
    }
    this.#endWord();
    return { argv: this.#argv, openQuote: this.#quote?.at ?? null };
  }

  /** false: a shell is needed. */
  #text(text: string, offset: number): boolean {
    for (let at = 0; at < text.length; at += 1) {
      const used = this.#step(text, at, offset + at);
      if (used === null) return false;
      at += used - 1;
    }
    return true;
  }

  /** How many characters were used; null: a shell is needed. */
  #step(text: string, at: number, offset: number): number | null {
    const character = text[at] ?? '';
    const mark = this.#quote?.mark;
    if (mark === "'") return this.#quoted(character, mark);
    if (character === '\\') return this.#escape(text[at + 1], mark === '"');
    if (EXPANSION.test(text.slice(at, at + 2))) return null;
    if (mark === '"') return character === '`' ? null : this.#quoted(character, mark);
    return this.#plain(character, offset);
  }

  #quoted(character: string, mark: string): number {
    if (character === mark) this.#quote = null;
    else this.#push(literal(character));
    return 1;
  }

  #plain(character: string, offset: number): number | null {
    const startsWord = this.#word === null;
    if (OPERATOR.test(character) || (startsWord && (character === '~' || character === '#'))) return null;
    if (BLANK.test(character)) this.#endWord();
    else if (character === '"' || character === "'") {
      this.#word ??= [];
      this.#quote = { mark: character, at: offset };
    } else this.#push(literal(character));
    return 1;
  }

  /** Within double quotes a backslash only speaks for `$`, `` ` ``, `"`, itself and the end of the line. */
  #escape(next: string | undefined, inQuotes: boolean): number {
    if (next === undefined || (inQuotes && !'$`"\\\n'.includes(next))) {
      this.#push(literal('\\'));
      return 1;
    }
    if (next !== '\n') this.#push(literal(next));
    return 2;
  }

  #push(part: PlacedPart): void {
    this.#word ??= [];
    this.#word.push(part);
  }

  #endWord(): void {
    if (this.#word === null) return;
    this.#argv.push(this.#word.length === 0 ? [{ kind: 'text', text: '' }] : toTemplate(this.#word));
    this.#word = null;
  }
}

function literal(text: string): PlacedPart {
  return { part: { kind: 'text', text }, offset: 0, length: text.length };
}
