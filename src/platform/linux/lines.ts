/** Lines of a table of /proc, read in large blocks: the kernel formats only what is asked for. It must not know what they say. */

import { closeSync, openSync, readSync } from 'node:fs';

const BLOCK = 64 * 1024;
const NEWLINE = 10;

/** Looks at one line; false: no more are wanted. */
type Take = (bytes: Buffer, from: number, to: number) => boolean;

/**
 * Gives each line after the header to `take` as bytes [from, to). Memory stays the same however long the table is: a line that does
 * not fit into one block is given in its first part, the rest is passed over. Gives null when all was read, else the code of the
 * error; `ENOENT`: there is no such table.
 */
export function readLines(file: string, take: Take): string | null {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(file, 'r');
    takeLines(descriptor, new Lines(take));
    return null;
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    // Only what the system says is an answer. A fault of ours is none.
    if (code === undefined || syscall === undefined) throw error;
    return code;
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function takeLines(descriptor: number, lines: Lines): void {
  const block = Buffer.allocUnsafe(BLOCK);
  let filled = 0;
  for (;;) {
    const read = readSync(descriptor, block, filled, BLOCK - filled, null);
    if (read === 0) break;
    filled += read;
    const taken = lines.takeWhole(block.subarray(0, filled));
    if (taken < 0) return;
    block.copyWithin(0, taken, filled);
    filled -= taken;
    if (filled < BLOCK) continue;
    lines.takePart(block);
    filled = 0;
  }
  // The kernel ends every line; one without an end is torn, and for the caller to judge.
  lines.takePart(block.subarray(0, filled));
}

class Lines {
  readonly #take: Take;
  /** Over the header, or the rest of a line that was too long. */
  #passing = true;

  constructor(take: Take) {
    this.#take = take;
  }

  /** Gives how many bytes were lines, or -1 when no more are wanted. */
  takeWhole(bytes: Buffer): number {
    let from = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, from)) {
      if (!this.#passing && !this.#take(bytes, from, end)) return -1;
      this.#passing = false;
      from = end + 1;
    }
    return from;
  }

  takePart(bytes: Buffer): void {
    if (bytes.length > 0 && !this.#passing) this.#take(bytes, 0, bytes.length);
    this.#passing = true;
  }
}
