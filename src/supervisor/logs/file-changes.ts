/**
 * Tells listeners when a file has grown: by the system's events while it is quiet, by a look every 20 ms while it grows, since an
 * event for each write of a busy program costs far more. Nothing runs while nobody listens or nothing is written. It must not
 * know what the file holds.
 */

import { type FSWatcher, statSync, watch } from 'node:fs';

const POLL_MS = 20;
/** So many looks without growth, and events take over again. */
const QUIET_LOOKS = 5;
/** Where the system has no watches left to give. */
const UNWATCHED_POLL_MS = 250;

export class FileChanges {
  readonly #file: string;
  readonly #listeners = new Set<() => void>();
  #watcher: FSWatcher | null = null;
  #timer: NodeJS.Timeout | null = null;
  #size = -1;
  #quiet = 0;
  #isOver = false;

  constructor(file: string) {
    this.#file = file;
  }

  /** From now on; whoever listens reads once at first, then after each call. */
  listen(listener: () => void): Disposable {
    this.#listeners.add(listener);
    if (this.#listeners.size === 1 && !this.#isOver) {
      this.#hasGrown();
      this.#watch();
    }
    return {
      [Symbol.dispose]: () => {
        this.#listeners.delete(listener);
        if (this.#listeners.size === 0) this.#rest();
      },
    };
  }

  /** Nothing more will be told. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Nothing more is to come; whoever listens is told so by a last call. */
  end(): void {
    this.#isOver = true;
    this.#rest();
    this.#tell();
  }

  /** The file was made, replaced or begun anew: whatever was watched before is watched no longer. */
  renew(): void {
    if (this.#listeners.size === 0 || this.#isOver) return;
    this.#size = -1;
    this.#poll();
    this.#tell();
  }

  #poll(): void {
    this.#rest();
    this.#quiet = 0;
    this.#timer = setTimeout(() => this.#look(POLL_MS), POLL_MS);
  }

  #look(again: number): void {
    if (this.#hasGrown()) {
      this.#quiet = 0;
      this.#tell();
    } else {
      this.#quiet++;
    }
    if (this.#listeners.size === 0 || this.#isOver) return;
    if (again === POLL_MS && this.#quiet >= QUIET_LOOKS) this.#watch();
    else this.#timer = setTimeout(() => this.#look(again), again);
  }

  #watch(): void {
    this.#rest();
    if (!this.#exists()) return; // Whoever makes the file calls `renew`.
    try {
      this.#watcher = watch(this.#file, () => this.#onEvent());
      this.#watcher.on('error', () => this.#onUnwatchable());
    } catch {
      // No inotify watches left (ENOSPC, EMFILE): slower looks serve as well.
      this.#onUnwatchable();
      return;
    }
    // What was written between the last look and the watch raised no event.
    if (this.#hasGrown()) this.#onEvent();
  }

  #onEvent(): void {
    this.#hasGrown();
    this.#poll();
    this.#tell();
  }

  #onUnwatchable(): void {
    this.#rest();
    this.#timer = setTimeout(() => this.#look(UNWATCHED_POLL_MS), UNWATCHED_POLL_MS);
  }

  #rest(): void {
    this.#watcher?.close();
    this.#watcher = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener();
  }

  #exists(): boolean {
    return this.#stat() >= 0;
  }

  #hasGrown(): boolean {
    const size = this.#stat();
    const changed = size !== this.#size;
    this.#size = size;
    return changed;
  }

  #stat(): number {
    try {
      return statSync(this.#file, { throwIfNoEntry: false })?.size ?? -1;
    } catch {
      // Its directory cannot be entered any more: as good as missing.
      return -1;
    }
  }
}
