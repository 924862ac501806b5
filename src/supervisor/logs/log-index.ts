/**
 * The small text file beside a log: when what was written, where runs start, where the log starts after its oldest part was
 * dropped. Records are appended; each ends with `;`, so that a torn one is never taken for a whole one. It must not know the log.
 */

import { closeSync, fstatSync, openSync, readFileSync, readSync, renameSync, writeSync } from 'node:fs';
import type { Mark } from './time-scale.ts';

export interface RunStart extends Mark {
  readonly run: string;
}

/** A file that holds a part of the log: its first byte has the logical offset `base`. */
export interface FilePart {
  readonly base: number;
  readonly inode: number;
  /** Epoch ms; tells a file from a later one with the same inode number. */
  readonly born: number;
}

export type IndexRecord =
  | ({ readonly kind: 'mark' } & Mark)
  | ({ readonly kind: 'run' } & RunStart)
  | { readonly kind: 'start'; readonly offset: number }
  | ({ readonly kind: 'part' } & FilePart);

export interface IndexContent {
  /** Run starts are marks, too. */
  readonly marks: readonly Mark[];
  readonly runs: readonly RunStart[];
  /** Logical offset of the first byte that is kept. */
  readonly start: number;
  /** Oldest first; the last is the file that is written now. */
  readonly parts: readonly FilePart[];
}

/** More marks than this are thinned: the newest stay, of older ones every second. */
const MARKS_MAX = 8192;
const MARKS_UNTOUCHED = 2048;
const RUNS_MAX = 2048;

export class LogIndex {
  readonly #file: string;
  /** Records in the file, as far as known. */
  #records = 0;

  constructor(file: string) {
    this.#file = file;
  }

  read(): IndexContent {
    const text = readText(this.#file);
    const content = parseIndex(text);
    this.#records = content.marks.length + content.parts.length;
    return content;
  }

  /** `prelude` is written first when the file is new or was deleted. Errors: those of the file system. */
  append(records: readonly IndexRecord[], prelude: () => readonly IndexRecord[]): void {
    if (this.#records > MARKS_MAX) this.#compact();
    const file = openSync(this.#file, 'a+', 0o600);
    try {
      const { size } = fstatSync(file);
      const first = size === 0 && records[0]?.kind !== 'part' ? prelude() : [];
      // A record that a crash has torn is closed off, so that it cannot spoil the next one.
      const gap = size > 0 && !endsWithNewline(file, size) ? '\n' : '';
      writeSync(file, gap + formatRecords([...first, ...records]));
      this.#records += first.length + records.length;
    } finally {
      closeSync(file);
    }
  }

  #compact(): void {
    const { marks, runs, start, parts } = parseIndex(readText(this.#file));
    const firstRun = runs.findLast((run) => run.offset <= start) ?? runs[0];
    const keptRuns = new Set<Mark>(
      runs.slice(firstRun === undefined ? 0 : runs.indexOf(firstRun)).slice(-RUNS_MAX),
    );
    const thinned = new Set<Mark>(thin(marks.filter((mark) => mark.offset >= start)));
    const records: IndexRecord[] = [
      ...parts.slice(-2).map((part) => ({ kind: 'part', ...part }) as const),
      { kind: 'start', offset: start },
    ];
    for (const mark of marks) {
      if (isRunStart(mark) && keptRuns.has(mark)) records.push({ kind: 'run', ...mark });
      else if (thinned.has(mark)) records.push({ kind: 'mark', offset: mark.offset, at: mark.at });
    }
    const temporary = `${this.#file}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, formatRecords(records));
    } finally {
      closeSync(file);
    }
    renameSync(temporary, this.#file);
    this.#records = records.length;
  }
}

/** Takes what is whole, skips what is not. */
function parseIndex(text: string): IndexContent {
  const marks: Mark[] = [];
  const parts: FilePart[] = [];
  let start = 0;
  for (const line of text.split('\n')) {
    const record = parseRecord(line);
    if (record === null) continue;
    if (record.kind === 'mark') marks.push({ offset: record.offset, at: record.at });
    else if (record.kind === 'run') marks.push(runStart(record.offset, record.at, record.run));
    else if (record.kind === 'part') parts.push(record);
    else start = record.offset;
  }
  return { marks, runs: marks.filter(isRunStart), start, parts };
}

function parseRecord(line: string): IndexRecord | null {
  const found = /^([trsf]) (\d{1,16})(?: (\d{1,20}))?(?: (\S+))?;$/.exec(line);
  if (found === null) return null;
  const [, kind, one, two, three] = found;
  const offset = Number(one);
  if (kind === 's') return { kind: 'start', offset };
  if (two === undefined) return null;
  if (kind === 't') return { kind: 'mark', offset, at: Number(two) };
  if (three === undefined) return null;
  if (kind === 'r') return { kind: 'run', ...runStart(offset, Number(two), three) };
  return { kind: 'part', base: offset, inode: Number(two), born: Number(three) };
}

function runStart(offset: number, at: number, run: string): RunStart {
  return { offset, at, run };
}

function isRunStart(mark: Mark): mark is RunStart {
  return 'run' in mark;
}

function thin(marks: readonly Mark[]): Mark[] {
  const border = marks.length - MARKS_UNTOUCHED;
  return marks.filter((_, index) => index >= border || index % 2 === 0);
}

function formatRecords(records: readonly IndexRecord[]): string {
  return records.map((record) => `${formatRecord(record)};\n`).join('');
}

function formatRecord(record: IndexRecord): string {
  switch (record.kind) {
    case 'mark':
      return `t ${record.offset} ${record.at}`;
    case 'run':
      return `r ${record.offset} ${record.at} ${record.run.replace(/[\s;]/g, '_')}`;
    case 'start':
      return `s ${record.offset}`;
    case 'part':
      return `f ${record.base} ${record.inode} ${record.born}`;
    default:
      return record satisfies never;
  }
}

function endsWithNewline(file: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(file, last, 0, 1, size - 1);
  return last[0] === 0x0a;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // Missing or unreadable: the log is read without times and runs, as if it were new.
    return '';
  }
}
