/** Files of the state directory: written whole or not at all. It must not know what they hold. */

import {
  chmodSync,
  closeSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { LoopyardError, reasonOf } from '../core/errors.ts';

/**
 * Write beside it, fsync, rename: a reader sees the old text or the new one. Mode 0600; the directory is made when missing.
 * Errors: STATE_UNWRITABLE.
 */
export function writeAtomic(path: string, text: string): void {
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    writeSynced(temporary, text);
    renameSync(temporary, path);
  } catch (error) {
    removeQuietly(temporary);
    throw new LoopyardError(
      'STATE_UNWRITABLE',
      { directory: dirname(path), reason: reasonOf(error) },
      [],
      error,
    );
  }
}

/** Makes a directory that only its owner can enter; one that exists must be ours. Errors: STATE_UNWRITABLE. */
export function makePrivateDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const facts = lstatSync(path);
    // In a directory that everybody can write to, somebody else may have been first.
    if (facts.uid !== process.getuid?.()) throw new Error('it belongs to another user');
    if (facts.isDirectory() && (facts.mode & 0o077) !== 0) chmodSync(path, 0o700);
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory: path, reason: reasonOf(error) }, [], error);
  }
}

/** Moves a file that cannot be understood out of the way and tells where to. */
export function setAside(path: string): string {
  const aside = `${path}.aside-${new Date().toISOString().replaceAll(':', '')}`;
  renameSync(path, aside);
  return aside;
}

/** Where the file could not be made, there may be nothing that can be removed either; the first error is the one that counts. */
function removeQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // See above.
  }
}

function writeSynced(path: string, text: string): void {
  const descriptor = openSync(path, 'w', 0o600);
  try {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
