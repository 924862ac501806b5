/**
 * Cuts bytes into lines, whatever the bytes are: no line end, CRLF, invalid UTF-8, characters cut across reads, lines of any
 * length in bounded memory. Pure. It must not know files or runs.
 */

export interface RawLine {
  /** Logical offset of its first byte. */
  readonly offset: number;
  readonly text: string;
  /** The rest of this line follows. */
  readonly partial: boolean;
}

/** Unfinished lines are handed out in pieces of so many bytes. */
export const PIECE_BYTES = 65_536;

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const NOTHING: Buffer = Buffer.alloc(0);

export class LineSplitter {
  #pending: Buffer = NOTHING;
  #offset: number;

  /** `offset`: logical offset of the first byte that will be pushed. */
  constructor(offset: number) {
    this.#offset = offset;
  }

  /** Logical offset of the next byte to push. */
  get end(): number {
    return this.#offset + this.#pending.length;
  }

  get hasPending(): boolean {
    return this.#pending.length > 0;
  }

  /** Adds the lines that end in `bytes`, which may be overwritten afterwards. */
  push(bytes: Buffer, into: RawLine[]): void {
    const last = bytes.lastIndexOf(NEWLINE);
    if (last >= 0) {
      const whole = bytes.subarray(0, last + 1);
      this.#split(this.hasPending ? Buffer.concat([this.#pending, whole]) : whole, into);
      this.#pending = NOTHING;
    }
    const rest = bytes.subarray(last + 1);
    if (rest.length > 0) this.#pending = Buffer.concat([this.#pending, rest]);
    if (this.#pending.length > PIECE_BYTES) this.#cutPieces(into);
  }

  /** Hands out an unfinished line; `partial`: more of it may come. */
  flush(into: RawLine[], partial: boolean): void {
    if (!this.hasPending) return;
    const end = partial ? characterEnd(this.#pending, this.#pending.length) : this.#pending.length;
    if (end === 0) return;
    this.#hand(end, into, partial);
  }

  /** Drops the unfinished line and goes on at another offset. */
  jump(offset: number): void {
    this.#pending = NOTHING;
    this.#offset = offset;
  }

  #cutPieces(into: RawLine[]): void {
    while (this.#pending.length > PIECE_BYTES) {
      this.#hand(characterEnd(this.#pending, PIECE_BYTES), into, true);
    }
    // A copy, so that a small rest does not hold a large buffer.
    this.#pending = Buffer.from(this.#pending);
  }

  #hand(end: number, into: RawLine[], partial: boolean): void {
    const text = this.#pending.toString('utf8', 0, end);
    into.push({ offset: this.#offset, text: partial ? text : withoutReturn(text), partial });
    this.#pending = this.#pending.subarray(end);
    this.#offset += end;
  }

  /** `bytes` ends with a line end. */
  #split(bytes: Buffer, into: RawLine[]): void {
    const text = bytes.toString('utf8');
    const lines = text.split('\n');
    // A character never has more UTF-16 units than bytes: equal sums mean that units and bytes match one to one.
    const isOneToOne = text.length === bytes.length;
    let position = 0;
    for (let index = 0; index < lines.length - 1; index++) {
      const line = lines[index] as string;
      into.push({ offset: this.#offset + position, text: withoutReturn(line), partial: false });
      position = isOneToOne ? position + line.length + 1 : bytes.indexOf(NEWLINE, position) + 1;
    }
    this.#offset += bytes.length;
  }
}

function withoutReturn(line: string): string {
  return line.charCodeAt(line.length - 1) === RETURN ? line.slice(0, -1) : line;
}

/** The largest end not above `end` that does not cut a UTF-8 character; `end` itself when the bytes are no UTF-8. */
function characterEnd(bytes: Buffer, end: number): number {
  for (let back = 1; back <= Math.min(3, end); back++) {
    const byte = bytes[end - back] as number;
    if (byte < 0x80) return end;
    if (byte >= 0xc0) return back < sequenceLength(byte) ? end - back : end;
  }
  return end;
}

function sequenceLength(lead: number): number {
  return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
}
