/**
 * Which file holds which part of a log. Usually one file holds all of it; there is another one after a rotation, and offsets go on
 * from where the log ended when somebody deleted, replaced or emptied the file. It must not know runs or times.
 */

import { closeSync, openSync, readSync, renameSync, type Stats, statSync } from 'node:fs';
import type { FilePart } from './log-index.ts';

/** A file with a part of the log. */
export interface Segment extends FilePart {
  readonly path: string;
}

export class LogParts {
  readonly #file: string;
  #live: Segment | null = null;
  #former: Segment | null = null;

  /** `known`: what the index says, oldest first. */
  constructor(file: string, known: readonly FilePart[]) {
    this.#file = file;
    const last = known.at(-1);
    const former = known.at(-2);
    if (last !== undefined) this.#live = { ...last, path: file };
    if (former !== undefined && statOf(this.#rotated)?.ino === former.inode)
      this.#former = { ...former, path: this.#rotated };
  }

  /** The file that is written now; null: there is none. */
  get live(): Segment | null {
    return this.#live;
  }

  get former(): Segment | null {
    return this.#former;
  }

  get #rotated(): string {
    return `${this.#file}.1`;
  }

  stat(): Stats | null {
    return statOf(this.#file);
  }

  /** The file that holds the byte at this offset, or the one in which the log goes on after it. */
  at(offset: number): Segment | null {
    const isOld = this.#live === null || offset < this.#live.base;
    return isOld && this.#former !== null ? this.#former : this.#live;
  }

  /** Takes the file as it is now. `end`: where the log ended so far. Returns the new part when it is another file than before. */
  follow(stat: Stats, end: number): FilePart | null {
    const live = this.#live;
    if (live !== null && isSame(live, stat, end - live.base)) return null;
    const part: FilePart = { base: end, inode: stat.ino, born: Math.floor(stat.birthtimeMs) };
    this.#live = { ...part, path: this.#file };
    return part;
  }

  /** The file is gone. False: that was known. */
  lose(): boolean {
    const isNews = this.#live !== null;
    this.#live = null;
    this.#former = null;
    return isNews;
  }

  /** Sets the file aside; one that was set aside before is dropped. Whoever still writes, writes into the file set aside. */
  rotate(): void {
    if (this.#live === null) return;
    renameSync(this.#file, this.#rotated);
    this.#former = { ...this.#live, path: this.#rotated };
    this.#live = null;
  }

  dropFormer(): void {
    this.#former = null;
  }
}

/** Without an index: where a file whose oldest part was punched out begins again. */
export function holeEnd(file: string, stat: Stats): number {
  const missing = stat.size - stat.blocks * 512;
  if (missing < 65_536) return 0;
  return readBytes(file, 0, 4096).some((byte) => byte !== 0) ? 0 : missing;
}

/** Offset in the file of the first line that starts at or after `from`, or `from` itself inside of a very long line. */
export function nextLineStart(file: string, from: number): number {
  if (from <= 0) return 0;
  const newline = readBytes(file, from - 1, 65_536).indexOf(0x0a);
  return newline < 0 ? from : from + newline;
}

function readBytes(file: string, from: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, from));
  } finally {
    closeSync(descriptor);
  }
}

/** An inode number is used again soon after its file was deleted; a file that shrank was emptied or is another one. */
function isSame(part: FilePart, stat: Stats, knownSize: number): boolean {
  if (stat.ino !== part.inode || stat.size < knownSize) return false;
  const born = Math.floor(stat.birthtimeMs);
  // File systems that do not keep the time of birth answer 0 or the time of the last change.
  return born === part.born || born === 0 || stat.birthtimeMs === stat.ctimeMs;
}

function statOf(file: string): Stats | null {
  try {
    return statSync(file, { throwIfNoEntry: false }) ?? null;
  } catch {
    // Its directory cannot be entered: as good as missing.
    return null;
  }
}
