/**
 * What is written to several logs from now on, as it comes. It reads only as fast as it is asked; while nothing is written it
 * waits for the system's word. It must not know files or history.
 */

import type { LogLine } from '../../core/status.ts';
import type { LogFeed } from './log-feed.ts';

/** An unfinished line that has not grown for so long is shown as it is. */
const UNFINISHED_MS = 500;

/** Ends quietly when the signal is aborted, and after the last line when all logs were closed. */
export async function* followFeeds(
  feeds: readonly LogFeed[],
  tools: { readonly signal: AbortSignal; now(): number },
): AsyncGenerator<readonly LogLine[], void> {
  const { signal, now } = tools;
  const bell = new Bell();
  const dirty = new Set(feeds);
  const listening = feeds.map((feed) => feed.source.changes.listen(() => bell.ring(() => dirty.add(feed))));
  const onAbort = (): void => bell.ring();
  signal.addEventListener('abort', onAbort);
  try {
    while (!signal.aborted) {
      yield* readRound(feeds, dirty, tools);
      if (dirty.size > 0 || signal.aborted) continue;
      const unfinished = feeds.filter((feed) => feed.hasPending);
      if (feeds.every((feed) => feed.source.changes.isOver)) {
        yield unfinished.flatMap((feed) => feed.liveRest(now()).lines);
        return;
      }
      const hasRung = await bell.wait(unfinished.length > 0 ? UNFINISHED_MS : null);
      if (!hasRung) yield unfinished.flatMap((feed) => feed.liveRest(now()).lines);
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    for (const one of listening) one[Symbol.dispose]();
  }
}

/** One chunk of each log that has news, so that a busy one does not keep the others waiting. */
async function* readRound(
  feeds: readonly LogFeed[],
  dirty: Set<LogFeed>,
  tools: { readonly signal: AbortSignal; now(): number },
): AsyncGenerator<readonly LogLine[], void> {
  for (const feed of feeds) {
    // Taken off first: what is written while it is read marks it again.
    if (!dirty.delete(feed)) continue;
    const { batch, atEnd } = await feed.live(tools.now());
    if (tools.signal.aborted) return;
    if (!atEnd) dirty.add(feed);
    if (batch.lines.length > 0) yield batch.lines;
  }
}

/** Wakes one waiter; a ring that nobody waited for is kept. */
class Bell {
  #hasRung = false;
  #wake: (() => void) | null = null;

  ring(before?: () => void): void {
    before?.();
    this.#hasRung = true;
    this.#wake?.();
  }

  /** True when it rang, false when `milliseconds` passed without. */
  wait(milliseconds: number | null): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = milliseconds === null ? null : setTimeout(() => this.#wake?.(), milliseconds);
      this.#wake = () => {
        if (timer !== null) clearTimeout(timer);
        this.#wake = null;
        const hasRung = this.#hasRung;
        this.#hasRung = false;
        resolve(hasRung);
      };
      if (this.#hasRung) this.#wake();
    });
  }
}
