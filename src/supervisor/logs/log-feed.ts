/**
 * One service's lines as they are told to people: with names, runs and times, filtered, from the last ones wanted on. It must not
 * know other services.
 */

import type { LogLine } from '../../core/status.ts';
import type { LineFilter } from './line-filter.ts';
import { LineReader, type RawBatch } from './line-reader.ts';
import type { LogSource } from './log-source.ts';
import { tailStart } from './tail-scan.ts';
import type { TimeScale } from './time-scale.ts';

export interface FeedRequest {
  /** Last so many lines; -1: all. With a filter: the last so many that match. */
  readonly tail: number;
  /** Epoch ms. */
  readonly since: number | undefined;
  /** Logical offset to begin at, instead of counting lines. */
  readonly from: number | undefined;
  readonly filter: LineFilter | null;
  readonly chunkBytes: number;
}

/** Lines in order, and when each was written (epoch ms). */
export interface FeedBatch {
  readonly lines: readonly LogLine[];
  readonly times: readonly number[];
}

const NO_LINES: FeedBatch = { lines: [], times: [] };

export class LogFeed {
  readonly #service: string;
  readonly #request: FeedRequest;
  readonly #reader: LineReader;
  readonly #scale: TimeScale;
  /** History ends here; what comes later is live. */
  readonly #end: number;
  #iso = '';
  #isoTime = Number.NaN;

  private constructor(
    service: string,
    request: FeedRequest,
    reader: LineReader,
    from: { readonly scale: TimeScale; readonly end: number },
  ) {
    this.#service = service;
    this.#request = request;
    this.#reader = reader;
    this.#scale = from.scale;
    this.#end = from.end;
  }

  static async open(service: string, source: LogSource, request: FeedRequest): Promise<LogFeed> {
    const end = source.end();
    const scale = source.timeScale();
    const since = request.since === undefined ? 0 : scale.from(request.since);
    const from = Math.max(source.start, since, request.from ?? 0);
    const start =
      request.tail < 0 || request.filter !== null || from >= end
        ? from
        : await tailStart(source, from, end, request.tail);
    return new LogFeed(service, request, new LineReader(source, start, request.chunkBytes), { scale, end });
  }

  get source(): LogSource {
    return this.#reader.source;
  }

  get hasPending(): boolean {
    return this.#reader.hasPending;
  }

  /** What was there when the feed was opened, a batch at a time; null after the last. */
  async history(): Promise<FeedBatch | null> {
    for (;;) {
      const raw = await this.#reader.next(this.#end);
      const batch = this.#tell(raw, (offset) => this.#scale.at(offset), this.#request.since);
      if (batch.lines.length > 0) return batch;
      if (raw.atEnd) return null;
    }
  }

  /** The unfinished line at the end of history. */
  historyRest(): FeedBatch {
    return this.#tell(this.#reader.flush(false), (offset) => this.#scale.at(offset), this.#request.since);
  }

  /** What was written since, stamped with `now`; `atEnd`: that was all for now. */
  async live(now: number): Promise<{ readonly batch: FeedBatch; readonly atEnd: boolean }> {
    const raw = await this.#reader.next(Number.POSITIVE_INFINITY);
    return { batch: this.#tell(raw, () => now), atEnd: raw.atEnd };
  }

  /** An unfinished line that has not grown for a while: a prompt, a progress bar. */
  liveRest(now: number): FeedBatch {
    return this.#tell(this.#reader.flush(true), () => now);
  }

  async close(): Promise<void> {
    await this.#reader.close();
  }

  #tell(raw: RawBatch, timeOf: (offset: number) => number, since = 0): FeedBatch {
    if (raw.lines.length === 0) return NO_LINES;
    const matches = this.#request.filter?.test(raw.lines.map((line) => line.text));
    const lines: LogLine[] = [];
    const times: number[] = [];
    const { run } = raw;
    const service = this.#service;
    for (let index = 0; index < raw.lines.length; index++) {
      const line = raw.lines[index] as RawBatch['lines'][number];
      if (matches?.[index] === false) continue;
      const time = timeOf(line.offset);
      if (time < since) continue;
      const { offset, text } = line;
      const told = { service, run, at: this.#format(time), offset, text };
      lines.push(line.partial ? { ...told, partial: true } : told);
      times.push(time);
    }
    return { lines, times };
  }

  /** Many lines share a millisecond, and formatting is slow. */
  #format(time: number): string {
    if (time !== this.#isoTime) {
      this.#isoTime = time;
      this.#iso = new Date(time).toISOString();
    }
    return this.#iso;
  }
}
