/**
 * One service's log: where it starts and ends, which run wrote what and when, when it must lose its oldest part. Offsets are
 * logical: they count on over all runs, whatever happens to the file. It must not know readers, nor who writes.
 */

import { closeSync, openSync, type Stats } from 'node:fs';
import { reasonOf } from '../../core/errors.ts';
import type { Warning } from '../../core/status.ts';
import { FileChanges } from './file-changes.ts';
import { type IndexRecord, LogIndex, type RunStart } from './log-index.ts';
import { holeEnd, LogParts, nextLineStart, type Segment } from './log-parts.ts';
import { type Mark, TimeScale } from './time-scale.ts';

export interface SourceTools {
  readonly capBytes: number;
  punchHole(file: string, from: number, to: number): Promise<boolean>;
  /** Epoch ms. */
  now(): number;
  warn(warning: Warning): void;
}

/** After a cut so much of the cap stays, so that cuts are rare. */
const KEPT_SHARE = 0.8;
/** A service restarted so often has written more than anybody reads. */
const RUNS_KEPT = 4096;
/** An older look says nothing about when something was written since. */
const FRESH_MS = 2_500;

export class LogSource {
  readonly file: string;
  readonly changes: FileChanges;
  readonly #tools: SourceTools;
  readonly #index: LogIndex;
  readonly #parts: LogParts;
  #runs: RunStart[];
  #start: number;
  #end: number;
  #lastMark: Mark;
  #checkedAt: number;
  #canPunch = true;
  #isPunching = false;
  #isUnwritable = false;

  constructor(file: string, tools: SourceTools) {
    this.file = file;
    this.changes = new FileChanges(file);
    this.#tools = tools;
    this.#index = new LogIndex(`${file}.index`);
    const { marks, runs, start, parts } = this.#index.read();
    this.#runs = [...runs];
    this.#lastMark = marks.at(-1) ?? { offset: 0, at: 0 };
    this.#start = start;
    this.#end = Math.max(start, parts.at(-1)?.base ?? 0, this.#lastMark.offset);
    this.#parts = new LogParts(file, parts);
    this.#checkedAt = tools.now();
    this.#takeUp();
  }

  /** Logical offset of the first byte that is kept. */
  get start(): number {
    return this.#start;
  }

  get runs(): readonly RunStart[] {
    return this.#runs;
  }

  /** Logical offset of the log's end, looked up now. */
  end(): number {
    this.check(false);
    return this.#end;
  }

  segmentAt(offset: number): Segment | null {
    return this.#parts.at(offset);
  }

  timeScale(): TimeScale {
    return new TimeScale(this.#index.read().marks, this.#parts.stat()?.mtimeMs ?? this.#tools.now());
  }

  /** Notes that a run starts, before its first byte is written. Returns the logical offset. */
  begin(run: string): number {
    this.check(false);
    if (!this.#canPunch) this.#rotate();
    this.#create();
    const start: RunStart = { run, offset: this.#end, at: this.#tools.now() };
    this.#runs.push(start);
    if (this.#runs.length > RUNS_KEPT) this.#runs = this.#runs.slice(-RUNS_KEPT / 2);
    this.#append([{ kind: 'run', ...start }]);
    this.#lastMark = start;
    this.changes.renew();
    return start.offset;
  }

  /**
   * Looks at the file: notes when it was written to, keeps the cap. `woken`: something has been written just now, after a time of
   * quiet. True when the log has grown.
   */
  check(woken: boolean): boolean {
    const stat = this.#parts.stat();
    if (stat === null) {
      this.#onMissing();
      return false;
    }
    const records = this.#follow(stat);
    const now = this.#tools.now();
    const end = (this.#parts.live?.base ?? 0) + stat.size;
    const hasGrown = end > this.#end;
    if (hasGrown) {
      const isFirst = woken || now - this.#checkedAt > FRESH_MS;
      if (isFirst) records.push(this.#mark(this.#end, now));
      else if (this.#lastMark.offset !== this.#end) records.push(this.#mark(this.#end, this.#checkedAt));
      if (!isFirst) records.push(this.#mark(end, now));
    }
    this.#end = end;
    this.#checkedAt = now;
    this.#append(records);
    this.#keepCap();
    return hasGrown;
  }

  /** What a former daemon left, and what was written since. */
  #takeUp(): void {
    const stat = this.#parts.stat();
    if (stat === null) {
      this.#parts.lose();
      return;
    }
    const isUnknown = this.#parts.live === null && this.#end === 0;
    const records = this.#follow(stat);
    if (isUnknown) {
      this.#start = holeEnd(this.file, stat);
      records.push({ kind: 'start', offset: this.#start });
    }
    const end = (this.#parts.live?.base ?? 0) + stat.size;
    // Written while no daemon looked: no later than the file's own time.
    const at = Math.min(Math.floor(stat.mtimeMs), this.#tools.now());
    if (end > this.#end) records.push(this.#mark(this.#end, at), this.#mark(end, at));
    this.#end = end;
    this.#append(records);
  }

  /** Somebody may have replaced, emptied or deleted the file: the log goes on in what stands there now. */
  #follow(stat: Stats): IndexRecord[] {
    const part = this.#parts.follow(stat, this.#end);
    if (part === null) return [];
    this.#start = this.#parts.former?.base === undefined ? part.base : this.#start;
    this.changes.renew();
    return [
      { kind: 'part', ...part },
      { kind: 'start', offset: this.#start },
    ];
  }

  #mark(offset: number, at: number): IndexRecord {
    this.#lastMark = { offset, at };
    return { kind: 'mark', offset, at };
  }

  #onMissing(): void {
    if (!this.#parts.lose()) return;
    this.#start = this.#end;
    this.#tools.warn({
      code: 'LOG_UNWRITABLE',
      text: `its log file ${this.file} was deleted: what it prints is lost until it is started again`,
      fix: 'restart it with `lo restart`; there is no need to delete logs, their size is capped',
    });
  }

  /** Makes the file, so that it is private and its identity is known; the program then appends to it. */
  #create(): void {
    try {
      closeSync(openSync(this.file, 'a', 0o600));
    } catch (error) {
      this.#onUnwritable(this.file, error);
      return;
    }
    const stat = this.#parts.stat();
    if (stat !== null) this.#append(this.#follow(stat));
  }

  #append(records: readonly IndexRecord[]): void {
    if (records.length === 0) return;
    try {
      this.#index.append(records, () => this.#prelude());
      this.#isUnwritable = false;
    } catch (error) {
      this.#onUnwritable(`${this.file}.index`, error);
    }
  }

  /** What a deleted index must not forget. */
  #prelude(): IndexRecord[] {
    const { former, live } = this.#parts;
    const parts = [former, live].filter((part) => part !== null);
    return [
      ...parts.map((part) => ({ kind: 'part', ...part }) as const),
      { kind: 'start', offset: this.#start },
      ...this.#runs.map((run) => ({ kind: 'run', ...run }) as const),
    ];
  }

  #onUnwritable(file: string, error: unknown): void {
    if (this.#isUnwritable) return;
    this.#isUnwritable = true;
    this.#tools.warn({
      code: 'LOG_UNWRITABLE',
      text: `cannot write ${file}: ${reasonOf(error)}; some of its output may be lost`,
      fix: 'free some space or correct the permissions of that directory',
    });
  }

  #keepCap(): void {
    const live = this.#parts.live;
    const { capBytes } = this.#tools;
    if (live === null || this.#isPunching || !this.#canPunch) return;
    if (this.#end - Math.max(this.#start, live.base) <= capBytes) return;
    this.#isPunching = true;
    void this.#cut(live, this.#end - Math.floor(capBytes * KEPT_SHARE)).finally(() => {
      this.#isPunching = false;
    });
  }

  async #cut(live: Segment, target: number): Promise<void> {
    const before = this.#start;
    try {
      const to = nextLineStart(live.path, target - live.base);
      // Noted before it is done: a crash in between leaves bytes that nobody reads, never a hole that somebody reads.
      this.#start = live.base + to;
      this.#append([{ kind: 'start', offset: this.#start }]);
      // From the file's beginning, which also frees what a crash has left.
      if (await this.#tools.punchHole(live.path, 0, to)) return;
      this.#start = before;
      this.#append([{ kind: 'start', offset: before }]);
      if (this.#parts.stat() !== null) this.#onUnpunchable();
    } catch (error) {
      // The file may be gone or replaced by now; the next look tells.
      this.#onUnwritable(live.path, error);
    }
  }

  #onUnpunchable(): void {
    this.#canPunch = false;
    this.#tools.warn({
      code: 'LOG_CAPPED',
      text: `its log is larger than ${this.#tools.capBytes / 1e6} MB, and this file system cannot drop the oldest part of a file: it is set aside when the service starts next`,
      fix: 'restart it with `lo restart`, or set LOOPYARD_HOME to a directory on ext4, XFS, Btrfs or tmpfs',
    });
  }

  /** Only between runs. A straggler of the last run goes on writing into the file that was set aside. */
  #rotate(): void {
    const live = this.#parts.live;
    if (live === null || this.#end - live.base <= this.#tools.capBytes) return;
    try {
      this.#parts.rotate();
      this.#start = Math.max(this.#start, live.base);
    } catch (error) {
      this.#onUnwritable(`${this.file}.1`, error);
    }
  }
}
