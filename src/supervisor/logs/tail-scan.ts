/** Finds where the last lines of a log begin, reading backwards. It must not know times or filters. */

import { type FileHandle, open } from 'node:fs/promises';
import type { LogSource } from './log-source.ts';

const BLOCK_BYTES = 65_536;
const NEWLINE = 0x0a;

/** Logical offset of the last `count` lines of [from, to). A run's unfinished last line counts as a line. */
export async function tailStart(source: LogSource, from: number, to: number, count: number): Promise<number> {
  let wanted = count;
  let end = to;
  const borders = source.runs.map((run) => run.offset).filter((offset) => offset > from && offset < to);
  for (const border of [...borders.reverse(), from]) {
    if (wanted <= 0) return end;
    if (border === end) continue;
    const found = await scanFiles(source, border, end, wanted);
    if (found.offset !== null) return found.offset;
    wanted -= found.lines;
    end = border;
  }
  return from;
}

interface Found {
  /** Where the wanted lines start; null: there are fewer. */
  readonly offset: number | null;
  readonly lines: number;
}

/** [from, to) may lie in two files. */
async function scanFiles(source: LogSource, from: number, to: number, wanted: number): Promise<Found> {
  const live = source.segmentAt(to - 1);
  if (live === null) return { offset: null, lines: 0 };
  const border = Math.max(from, live.base);
  const found = await scanFile(live.path, border - live.base, to - live.base, wanted);
  if (found.offset !== null) return { ...found, offset: found.offset + live.base };
  if (border === from || source.segmentAt(border - 1) === live) return found;
  const older = await scanFiles(source, from, border, wanted - found.lines);
  return { offset: older.offset, lines: older.lines + found.lines };
}

async function scanFile(path: string, from: number, to: number, wanted: number): Promise<Found> {
  const handle = await openIfThere(path);
  if (handle === null) return { offset: null, lines: 0 };
  try {
    return await scan(handle, from, to, wanted);
  } finally {
    await handle.close();
  }
}

async function scan(handle: FileHandle, from: number, to: number, wanted: number): Promise<Found> {
  const buffer = Buffer.allocUnsafe(BLOCK_BYTES);
  let lines = 1;
  let end = to;
  // The line end of the last line ends that line; it does not begin another one.
  let skip = to - 1;
  while (end > from) {
    const begin = Math.max(from, end - BLOCK_BYTES);
    const { bytesRead } = await handle.read(buffer, 0, end - begin, begin);
    const bytes = buffer.subarray(0, bytesRead);
    for (
      let at = bytes.lastIndexOf(NEWLINE);
      at >= 0;
      at = at === 0 ? -1 : bytes.lastIndexOf(NEWLINE, at - 1)
    ) {
      if (begin + at === skip) continue;
      if (lines === wanted) return { offset: begin + at + 1, lines };
      lines++;
    }
    end = begin;
    skip = -1;
  }
  return lines === wanted ? { offset: from, lines } : { offset: null, lines };
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    // Deleted just now: it has no lines.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
