/**
 * Looks after the logs of one directory while nobody reads them: their time marks and caps. One watch serves all of them; once
 * something is written it is closed and looks at a low rate take over until all is quiet, so that a burst costs next to nothing.
 * It must not know readers.
 */

import { type FSWatcher, watch } from 'node:fs';
import { basename } from 'node:path';
import type { LogSource } from './log-source.ts';

const LOOK_MS = 200;
/** Many logs are looked at less often: a look at 300 of them costs about 1 ms. */
const LOOK_MS_PER_LOG = 2;
/** Where the system has no watches left to give. */
const UNWATCHED_LOOK_MS = 1_000;

export class DirectoryWatch {
  readonly #directory: string;
  readonly #sources = new Map<string, LogSource>();
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(directory: string) {
    this.#directory = directory;
  }

  get isEmpty(): boolean {
    return this.#sources.size === 0;
  }

  add(source: LogSource): void {
    this.#sources.set(basename(source.file), source);
    if (this.#watcher === null && this.#timer === null) this.#watch();
  }

  remove(source: LogSource): void {
    this.#sources.delete(basename(source.file));
    if (this.isEmpty) this.#rest();
  }

  /** Something is about to be written. */
  wake(): void {
    if (this.#timer === null) this.#lookLater(this.#lookMs);
  }

  get #lookMs(): number {
    return Math.max(LOOK_MS, this.#sources.size * LOOK_MS_PER_LOG);
  }

  #watch(): void {
    this.#rest();
    try {
      this.#watcher = watch(this.#directory, { persistent: false }, (_, name) => {
        // Our own index files change, too.
        if (name === null || this.#sources.has(name)) this.#onEvent();
      });
      this.#watcher.on('error', () => this.#lookLater(UNWATCHED_LOOK_MS));
    } catch (error) {
      // Whoever makes the directory calls `wake`. No inotify watches left (ENOSPC, EMFILE): looks alone serve as well.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') this.#lookLater(UNWATCHED_LOOK_MS);
      return;
    }
    // What was written between the last look and the watch raised no event.
    if (this.#checkAll(true)) this.#lookLater(this.#lookMs);
  }

  #onEvent(): void {
    this.#lookLater(this.#lookMs);
    this.#checkAll(true);
  }

  #lookLater(milliseconds: number): void {
    this.#rest();
    this.#timer = setTimeout(() => this.#look(milliseconds), milliseconds);
    this.#timer.unref();
  }

  #look(milliseconds: number): void {
    this.#timer = null;
    if (this.#checkAll(false)) this.#lookLater(milliseconds);
    else this.#watch();
  }

  #checkAll(woken: boolean): boolean {
    let hasGrown = false;
    for (const source of this.#sources.values()) hasGrown = source.check(woken) || hasGrown;
    return hasGrown;
  }

  #rest(): void {
    this.#watcher?.close();
    this.#watcher = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
