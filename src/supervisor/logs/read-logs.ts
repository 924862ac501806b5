/**
 * Several logs as one stream of lines: history merged by time, then what is written from there on. It reads only as fast as it is
 * asked, so a slow reader costs no memory. It must not know files.
 */

import type { LogLine } from '../../core/status.ts';
import { followFeeds } from './follow-feeds.ts';
import type { LineFilter } from './line-filter.ts';
import { CHUNK_BYTES } from './line-reader.ts';
import { type FeedBatch, LogFeed } from './log-feed.ts';
import type { LogSource } from './log-source.ts';

export interface LogsWanted {
  readonly services: readonly { readonly service: string; readonly source: LogSource }[];
  readonly tail: number;
  readonly since: number | undefined;
  /** Logical offset to begin at, instead of counting lines. */
  readonly from?: number;
  readonly filter: LineFilter | null;
  readonly follow: boolean;
  readonly signal: AbortSignal;
  now(): number;
}

const BATCH_LINES = 2_000;
const CHUNK_MIN_BYTES = 16_384;

/** Ends quietly when the signal is aborted. */
export async function* readLogs(wanted: LogsWanted): AsyncGenerator<readonly LogLine[], void> {
  const { tail, since, from, filter, signal } = wanted;
  const chunkBytes = Math.max(CHUNK_MIN_BYTES, Math.floor(CHUNK_BYTES / Math.max(1, wanted.services.length)));
  const feeds: LogFeed[] = [];
  try {
    for (const { service, source } of wanted.services)
      feeds.push(await LogFeed.open(service, source, { tail, since, from, filter, chunkBytes }));
    const history = merge(feeds, wanted.follow, signal);
    yield* filter !== null && tail >= 0 ? lastOfEach(history, tail) : history;
    if (wanted.follow) yield* followFeeds(feeds, wanted);
  } finally {
    for (const feed of feeds) await feed.close();
  }
}

interface Queue {
  readonly feed: LogFeed;
  batch: FeedBatch;
  next: number;
  isDone: boolean;
}

async function* merge(
  feeds: readonly LogFeed[],
  keepRest: boolean,
  signal: AbortSignal,
): AsyncGenerator<LogLine[], void> {
  let queues: Queue[] = feeds.map((feed) => ({
    feed,
    batch: { lines: [], times: [] },
    next: 0,
    isDone: false,
  }));
  let out: LogLine[] = [];
  while (!signal.aborted) {
    for (const queue of queues) await refill(queue, keepRest);
    queues = queues.filter((queue) => queue.next < queue.batch.lines.length);
    if (queues.length === 0) break;
    // Only one queue runs dry in a round, so that the others need not be looked at line by line.
    takeUntilDry(queues, out);
    if (out.length < BATCH_LINES) continue;
    yield out;
    out = [];
  }
  if (out.length > 0 && !signal.aborted) yield out;
}

async function refill(queue: Queue, keepRest: boolean): Promise<void> {
  if (queue.isDone || queue.next < queue.batch.lines.length) return;
  const batch = await queue.feed.history();
  queue.isDone = batch === null;
  queue.batch = batch ?? (keepRest ? { lines: [], times: [] } : queue.feed.historyRest());
  queue.next = 0;
}

/** Moves lines in the order of their times until one of the queues is empty. */
function takeUntilDry(queues: readonly Queue[], out: LogLine[]): void {
  for (;;) {
    let first = queues[0] as Queue;
    let border = Number.POSITIVE_INFINITY;
    for (const queue of queues.slice(1)) {
      if (timeOf(queue) < timeOf(first)) {
        border = timeOf(first);
        first = queue;
      } else {
        border = Math.min(border, timeOf(queue));
      }
    }
    const { lines, times } = first.batch;
    do out.push(lines[first.next++] as LogLine);
    while (first.next < lines.length && (times[first.next] as number) <= border);
    if (first.next >= lines.length) return;
  }
}

function timeOf(queue: Queue): number {
  return queue.batch.times[queue.next] as number;
}

/** Of each service the last `count` lines, still in the order of the stream. */
async function* lastOfEach(
  batches: AsyncIterable<readonly LogLine[]>,
  count: number,
): AsyncGenerator<LogLine[], void> {
  const kept = new Map<string, { line: LogLine; order: number }[]>();
  let order = 0;
  for await (const batch of batches) {
    for (const line of batch) {
      const lines = kept.get(line.service) ?? [];
      kept.set(line.service, lines);
      lines.push({ line: { ...line, text: detached(line.text) }, order: order++ });
      // Trimmed rarely: moving all lines for each new one would be slow.
      if (lines.length > 2 * count + 64) lines.splice(0, lines.length - count);
    }
  }
  const last = [...kept.values()].flatMap((lines) => (count === 0 ? [] : lines.slice(-count)));
  yield last.sort((one, other) => one.order - other.order).map(({ line }) => line);
}

/** A copy: a line cut out of a chunk keeps the whole chunk in memory. */
function detached(text: string): string {
  return Buffer.from(text).toString();
}
