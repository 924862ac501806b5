/**
 * Serves on the control socket: bound at a temporary path, then renamed into place, so that nobody ever connects to a socket that
 * does not answer; made again when somebody deletes it. It must only be called by the holder of the home's lock.
 */

import { chmodSync, type FSWatcher, lstatSync, renameSync, rmdirSync, rmSync, watch } from 'node:fs';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { HomePaths } from '../core/paths.ts';
import { makePrivateDirectory, writeAtomic } from '../platform/files.ts';

const FIRST_PAUSE_MS = 10;
const LONGEST_PAUSE_MS = 5000;

export interface ServedSocket {
  close(): Promise<void>;
}

/** `makeServer` is called again whenever the socket has to be made anew. Errors: STATE_UNWRITABLE. */
export async function serveSocket(
  home: HomePaths,
  makeServer: () => Server,
  report: (error: unknown) => void,
): Promise<ServedSocket> {
  let current = await bind(home, makeServer);
  note(home, report);
  let watcher: FSWatcher | null = null;
  let repairing = false;
  let closed = false;

  /** Whoever deletes a directory may still be at it, and a disk may be full: tried until it is done, with growing pauses. */
  const repair = async (): Promise<void> => {
    for (let pause = FIRST_PAUSE_MS; !closed && inodeOf(home.socket) !== current.inode; pause *= 2) {
      try {
        const old = current;
        current = await bind(home, makeServer);
        // Streams of the old socket go on; only its listening ends.
        old.server.close();
        follow();
        note(home, report);
      } catch (error) {
        report(error);
        await delay(Math.min(pause, LONGEST_PAUSE_MS));
      }
    }
  };
  const look = (): void => {
    if (repairing) return;
    repairing = true;
    void repair().finally(() => {
      repairing = false;
    });
  };
  const follow = (): void => {
    watcher?.close();
    watcher = watch(home.runtime, look);
    watcher.on('error', look);
  };
  follow();
  return {
    async close() {
      closed = true;
      watcher?.close();
      if (inodeOf(home.socket) === current.inode) rmSync(home.socket, { force: true });
      if (home.runtime !== home.home) removeEmpty(home.runtime);
      current.server.closeAllConnections();
      await new Promise((resolve) => current.server.close(resolve));
    },
  };
}

async function bind(
  home: HomePaths,
  makeServer: () => Server,
): Promise<{ readonly server: Server; readonly inode: number }> {
  const temporary = `${home.socket}.tmp-${process.pid}`;
  makePrivateDirectory(home.runtime);
  const server = makeServer();
  try {
    rmSync(temporary, { force: true });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(temporary, resolve);
    });
    chmodSync(temporary, 0o600);
    const inode = inodeOf(temporary) ?? 0;
    renameSync(temporary, home.socket);
    return { server, inode };
  } catch (error) {
    server.close();
    throw new LoopyardError(
      'STATE_UNWRITABLE',
      { directory: home.runtime, reason: reasonOf(error) },
      [],
      error,
    );
  }
}

/** Callers with another idea of where sockets lie find it by this. On a full disk the others still do. */
function note(home: HomePaths, report: (error: unknown) => void): void {
  try {
    writeAtomic(home.socketNote, home.socket);
  } catch (error) {
    report(error);
  }
}

/** A directory that holds nothing but our socket goes with it; we hold the lock, so no other daemon is about to use it. */
function removeEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // Gone already, or something else lies in it.
  }
}

function inodeOf(path: string): number | null {
  try {
    return lstatSync(path).ino;
  } catch {
    // Gone: that is what the caller asks.
    return null;
  }
}
