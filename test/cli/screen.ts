/** As much of a terminal as the live region uses, to see what a person would see. It must not know the region. */

import { displayWidth } from '../../src/cli/printer/text.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is read.
const TOKEN = /\u001b\[(\??)(\d*(?:;\d+)*)([A-Za-z])|\r|\n|[\s\S]/gu;

export class Screen {
  /** Rows from the top of the scroll-back. */
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  cursorShown = true;
  #columns: number;

  constructor(columns: number) {
    this.#columns = columns;
  }

  feed(text: string): this {
    for (const match of text.matchAll(TOKEN)) this.#take(match);
    return this;
  }

  /** Rows wrap again at another width, as most terminals do. */
  resize(columns: number): this {
    const lines = this.lines();
    const below = this.#rows.length - 1 - this.#row;
    this.#columns = columns;
    this.#rows.length = 0;
    for (const line of lines) {
      const characters = [...line];
      do this.#rows.push(characters.splice(0, columns));
      while (characters.length > 0);
    }
    this.#row = this.#rows.length - 1 - below;
    this.#column = this.#rows[this.#row]?.length ?? 0;
    return this;
  }

  lines(): readonly string[] {
    return this.#rows.map((row) => row.join('').trimEnd());
  }

  #take(match: RegExpExecArray): void {
    const [token, mark, parameters = '', letter] = match;
    if (letter !== undefined) this.#command(mark === '?', parameters, letter);
    else if (token === '\r') this.#column = 0;
    else if (token === '\n') this.#feedLine();
    else this.#put(token);
  }

  #command(isPrivate: boolean, parameters: string, letter: string): void {
    const count = parameters === '' ? 1 : Number.parseInt(parameters, 10);
    if (isPrivate && parameters === '25') this.cursorShown = letter === 'h';
    else if (letter === 'A') this.#row = Math.max(0, this.#row - count);
    else if (letter === 'K') this.#current().length = Math.min(this.#current().length, this.#column);
    else if (letter === 'J') {
      this.#current().length = Math.min(this.#current().length, this.#column);
      this.#rows.length = this.#row + 1;
    } else if (letter !== 'm') throw new Error(`the screen does not know ESC [ ${parameters} ${letter}`);
  }

  #feedLine(): void {
    // A terminal turns a line feed of a program into both.
    this.#column = 0;
    this.#row += 1;
    if (this.#row === this.#rows.length) this.#rows.push([]);
  }

  #put(character: string): void {
    if (this.#column + displayWidth(character) > this.#columns) this.#feedLine();
    const row = this.#current();
    while (row.length < this.#column) row.push(' ');
    row[this.#column] = character;
    if (displayWidth(character) === 2) row[this.#column + 1] = '';
    this.#column += displayWidth(character);
  }

  #current(): string[] {
    return this.#rows[this.#row] ?? [];
  }
}
