/**
 * Serves on the control socket: bound at a temporary path, then renamed into place, so that nobody ever connects to a socket that
 * does not answer; made again when somebody deletes it. It must only be called by the holder of the home's lock.
 */

import { chmodSync, type FSWatcher, lstatSync, renameSync, rmSync, watch } from 'node:fs';
import type { Server } from 'node:http';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { HomePaths } from '../core/paths.ts';
import { makePrivateDirectory } from '../platform/files.ts';

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
  let watcher: FSWatcher | null = null;
  let repairing = false;
  let closed = false;

  const repair = async (): Promise<void> => {
    if (closed || repairing || inodeOf(home.socket) === current.inode) return;
    repairing = true;
    const old = current;
    current = await bind(home, makeServer);
    // Streams of the old socket go on; only its listening ends.
    old.server.close();
    follow();
    repairing = false;
  };
  const look = (): void => {
    repair().catch((error: unknown) => {
      repairing = false;
      report(error);
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
  try {
    rmSync(temporary, { force: true });
    const server = makeServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(temporary, resolve);
    });
    chmodSync(temporary, 0o600);
    const inode = inodeOf(temporary) ?? 0;
    renameSync(temporary, home.socket);
    return { server, inode };
  } catch (error) {
    throw new LoopyardError(
      'STATE_UNWRITABLE',
      { directory: home.runtime, reason: reasonOf(error) },
      [],
      error,
    );
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
