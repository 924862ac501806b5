/**
 * Removes the directory of an environment: out of sight in one step, then piece by piece, so that a database of many files holds
 * nobody up and a crash in between leaves no half environment. It must not know what lies in it.
 */

import { randomBytes } from 'node:crypto';
import { readdirSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** No id begins so: what does is no environment any more. */
const GONE = '.gone-';

export function isGone(name: string): boolean {
  return name.startsWith(GONE);
}

/** When this returns the directory has left its place, and a new one may be made there; when it resolves nothing of it is left. */
export function removeDirectory(path: string): Promise<void> {
  const gone = join(dirname(path), `${GONE}${basename(path)}-${randomBytes(6).toString('hex')}`);
  try {
    renameSync(path, gone);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Promise.resolve();
    return Promise.reject(error);
  }
  return rm(gone, { recursive: true, force: true });
}

/** What a daemon that ended in between left over. */
export async function removeRest(directory: string): Promise<void> {
  for (const name of list(directory))
    if (isGone(name)) await rm(join(directory, name), { recursive: true, force: true });
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // No environment yet.
    return [];
  }
}
