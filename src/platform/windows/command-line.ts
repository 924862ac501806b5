/**
 * A command line of Windows taken apart as its C runtime does. Source: Microsoft, "Parsing C command-line arguments". Pure.
 */

/** 2n backslashes before a quote are n; one more makes the quote a plain one; two quotes inside quotes are one. */
export function splitCommandLine(text: string): readonly string[] {
  const [whole = '', quoted, plain = ''] = PROGRAM.exec(text.trimStart()) ?? [];
  const program = quoted ?? plain;
  if (program === '') return [];
  return [program, ...splitArguments(text.trimStart().slice(whole.length))];
}

/** The first one is the program: backslashes in it mean nothing but themselves. */
const PROGRAM = /^(?:"([^"]*)"?|(\S*))/;
const PIECE = /(\\+")|(""?)|([ \t\r\n]+)|(\\+|[^"\\ \t\r\n]+)/g;

function splitArguments(text: string): readonly string[] {
  const splitter = new Splitter();
  for (const [piece, slashes, quotes, space] of text.matchAll(PIECE)) {
    if (slashes !== undefined) splitter.slashes(slashes.length - 1);
    else if (quotes !== undefined) splitter.quotes(quotes.length);
    else if (space !== undefined) splitter.space(space);
    else splitter.add(piece);
  }
  return splitter.end();
}

class Splitter {
  readonly #found: string[] = [];
  /** Null between two arguments. */
  #current: string | null = null;
  #isQuoted = false;

  add(text: string): void {
    this.#current = (this.#current ?? '') + text;
  }

  /** In front of a quote. */
  slashes(count: number): void {
    this.add('\\'.repeat(count >> 1));
    if (count % 2 === 1) this.add('"');
    else this.#isQuoted = !this.#isQuoted;
  }

  /** Two of them outside of quotes are an empty argument, or nothing in the middle of one. */
  quotes(count: number): void {
    this.add(count === 2 && this.#isQuoted ? '"' : '');
    if (count === 1) this.#isQuoted = !this.#isQuoted;
  }

  space(text: string): void {
    if (this.#isQuoted) this.add(text);
    else this.end();
  }

  end(): readonly string[] {
    if (this.#current !== null) this.#found.push(this.#current);
    this.#current = null;
    return this.#found;
  }
}
