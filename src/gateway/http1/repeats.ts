/**
 * Senders repeat themselves: a client has the same field lines for most of its requests, a program the same head for many replies. What
 * was made of the last ones is used again when the same bytes come, which cannot mean anything else. Pure; it must not know heads.
 */

/** Longer ones are not kept: this is memory that each connection costs. In bytes. */
const MOST = 2048;

/** What was read in the last block of lines. A block ends with an empty line, so none is the beginning of another. */
export class Repeats<Read> {
  #block = '';
  #read: Read | null = null;

  /** Of the block, in bytes. */
  get size(): number {
    return this.#block.length;
  }

  /** `from`: where the block begins; what follows it is not looked at. Null: it is another one than the last. */
  find(text: string, from: number): Read | null {
    return this.#read !== null && text.startsWith(this.#block, from) ? this.#read : null;
  }

  keep(text: string, from: number, to: number, read: Read): void {
    if (to - from > MOST) return;
    this.#block = text.slice(from, to);
    this.#read = read;
  }
}

/** The text that was composed for something read. */
export class Composed<Read extends object> {
  #for: Read | null = null;
  #text = '';
  #flat = false;

  /** Null: it was composed for another one. Asked for again, it becomes one piece: V8 walks a tree of pieces at each write otherwise. */
  find(read: Read): string | null {
    if (read !== this.#for) return null;
    if (!this.#flat) {
      this.#text = Buffer.from(this.#text, 'latin1').toString('latin1');
      this.#flat = true;
    }
    return this.#text;
  }

  keep(read: Read, text: string): string {
    this.#for = read;
    this.#text = text;
    this.#flat = false;
    return text;
  }
}
