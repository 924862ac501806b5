/**
 * Reads one log from an offset on, as fast as it is asked to and no faster: over ends of files, dropped parts and run starts. It
 * must not know times, filters or other logs.
 */

import { type FileHandle, open } from 'node:fs/promises';
import { LineSplitter, type RawLine } from './line-splitter.ts';
import type { Segment } from './log-parts.ts';
import type { LogSource } from './log-source.ts';

export const CHUNK_BYTES = 262_144;

/** Lines of one run. */
export interface RawBatch {
  readonly run: string | null;
  readonly lines: RawLine[];
  /** There was nothing to read up to the limit. */
  readonly atEnd: boolean;
}

/** Buffers between two reads; a few serve all readers. */
const POOL: Buffer[] = [];
const POOL_MAX = 4;

export class LineReader {
  readonly source: LogSource;
  readonly #splitter: LineSplitter;
  readonly #chunkBytes: number;
  #position: number;
  #segment: Segment | null = null;
  #handle: FileHandle | null = null;
  /** Where the run began that is read now; -1: before the first known one. */
  #runStart: number;
  /** The bytes here follow on a part that was dropped: what is left of a hole is no text. */
  #isAfterGap: boolean;

  /** `from`: a logical offset; earlier than the log's start means its start. */
  constructor(source: LogSource, from: number, chunkBytes = CHUNK_BYTES) {
    this.source = source;
    this.#chunkBytes = Math.min(chunkBytes, CHUNK_BYTES);
    this.#position = Math.max(from, source.start);
    this.#splitter = new LineSplitter(this.#position);
    this.#isAfterGap = this.#position === source.start;
    this.#runStart = source.runs.findLast((run) => run.offset <= this.#position)?.offset ?? -1;
  }

  /** Begun lines wait for their end. */
  get hasPending(): boolean {
    return this.#splitter.hasPending;
  }

  /** The next lines before the logical offset `limit`. Never waits for more to be written. */
  async next(limit: number): Promise<RawBatch> {
    const lines: RawLine[] = [];
    const run = this.#run();
    const nextRun =
      this.source.runs.find((one) => one.offset > this.#runStart)?.offset ?? Number.POSITIVE_INFINITY;
    const hasRead = await this.#read(Math.min(limit, nextRun), lines);
    const isRunOver = this.#position >= nextRun;
    if (isRunOver) {
      // What a run left unfinished is a line: the next run's output is not its continuation.
      this.#splitter.flush(lines, false);
      this.#runStart = nextRun;
    }
    return { run, lines, atEnd: !hasRead && !isRunOver };
  }

  /** Hands out what is there of an unfinished line. `partial`: more of it may come. */
  flush(partial: boolean): RawBatch {
    const lines: RawLine[] = [];
    this.#splitter.flush(lines, partial);
    return { run: this.#run(), lines, atEnd: true };
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = null;
    this.#segment = null;
    await handle?.close();
  }

  #run(): string | null {
    return this.source.runs.findLast((run) => run.offset <= this.#runStart)?.run ?? null;
  }

  /** False when there is nothing to read now. */
  async #read(limit: number, lines: RawLine[]): Promise<boolean> {
    for (;;) {
      if (this.#position < this.source.start) this.#jump(this.source.start);
      if (this.#position >= limit || !(await this.#open())) return false;
      const found = await this.#readChunk(limit, lines);
      if (found !== 'again') return found === 'lines';
    }
  }

  async #readChunk(limit: number, lines: RawLine[]): Promise<'lines' | 'nothing' | 'again'> {
    const buffer = POOL.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    try {
      const count = await this.#fill(buffer, limit);
      if (count === 0) return (await this.#leaveFile(lines)) ? 'again' : 'nothing';
      // A part that was dropped while it was read may have turned to NULs.
      if (this.#position < this.source.start) return 'again';
      return this.#take(buffer.subarray(0, count), lines) ? 'lines' : 'again';
    } finally {
      if (POOL.length < POOL_MAX) POOL.push(buffer);
    }
  }

  async #fill(buffer: Buffer, limit: number): Promise<number> {
    const { base } = this.#segment as Segment;
    const length = Math.min(this.#chunkBytes, limit - this.#position);
    const { bytesRead } = await (this.#handle as FileHandle).read(buffer, 0, length, this.#position - base);
    return bytesRead;
  }

  #take(bytes: Buffer, lines: RawLine[]): boolean {
    const skipped = this.#isAfterGap ? leadingNuls(bytes) : 0;
    if (skipped > 0) this.#splitter.jump(this.#position + skipped);
    this.#position += bytes.length;
    if (skipped === bytes.length) return false;
    this.#isAfterGap = false;
    this.#splitter.push(bytes.subarray(skipped), lines);
    return true;
  }

  async #open(): Promise<boolean> {
    if (this.#handle !== null) return true;
    const segment = this.source.segmentAt(this.#position);
    if (segment === null) return false;
    try {
      this.#handle = await open(segment.path, 'r');
    } catch (error) {
      // It was deleted just now, or never made.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    this.#segment = segment;
    return true;
  }

  /** At the end of a file: goes on in the next one, if there is one. */
  async #leaveFile(lines: RawLine[]): Promise<boolean> {
    const next = this.source.segmentAt(Number.POSITIVE_INFINITY);
    const here = this.#segment;
    if (next === null || here === null || isSameFile(next, here)) return false;
    this.#splitter.flush(lines, false);
    this.#jump(next.base);
    await this.close();
    return true;
  }

  #jump(offset: number): void {
    this.#position = offset;
    this.#splitter.jump(offset);
    this.#isAfterGap = true;
  }
}

function isSameFile(one: Segment, other: Segment): boolean {
  return one.base === other.base && one.inode === other.inode && one.born === other.born;
}

function leadingNuls(bytes: Buffer): number {
  let count = 0;
  while (count < bytes.length && bytes[count] === 0) count++;
  return count;
}
