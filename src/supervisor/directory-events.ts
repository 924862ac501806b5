/**
 * Tells names that appear in one directory. Where the system has no watches left to give it looks instead, often while something is
 * expected and ever less often after. It must not know what the names mean.
 */

import { type FSWatcher, statSync, watch } from 'node:fs';

/** Pauses between looks without a watch, in ms. */
const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 1000;
const GROWTH = 1.3;

/** null: look at the whole directory. */
export type NameListener = (name: string | null) => void;

export class DirectoryEvents {
  readonly #directory: string;
  readonly #listener: NameListener;
  #watcher: FSWatcher | null = null;
  /** Of the directory that is watched: a watch stays with a directory that was removed, whatever is made in its place. */
  #inode: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #pause = FIRST_PAUSE_MS;

  constructor(directory: string, listener: NameListener) {
    this.#directory = directory;
    this.#listener = listener;
    this.#watch();
  }

  /** Something is about to appear: makes sure that it will be seen soon. */
  expect(): void {
    if (this.#watcher !== null && inodeOf(this.#directory) === this.#inode) return;
    this.#watch();
    this.#listener(null);
  }

  close(): void {
    this.#watcher?.close();
    this.#watcher = null;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #watch(): void {
    this.close();
    try {
      this.#inode = inodeOf(this.#directory);
      this.#watcher = watch(this.#directory, (_, name) => this.#listener(name));
      this.#watcher.on('error', () => this.#lookInstead());
    } catch {
      // No watches left (ENOSPC, EMFILE), or no directory yet: looking serves as well, a little later and for a little more.
      this.#lookInstead();
    }
  }

  #lookInstead(): void {
    this.close();
    this.#pause = FIRST_PAUSE_MS;
    this.#lookLater();
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => {
      this.#pause = Math.min(LONGEST_PAUSE_MS, this.#pause * GROWTH);
      this.#lookLater();
      this.#listener(null);
    }, this.#pause);
  }
}

function inodeOf(directory: string): number | null {
  return statSync(directory, { throwIfNoEntry: false })?.ino ?? null;
}
