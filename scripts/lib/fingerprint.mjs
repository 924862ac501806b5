/**
 * One hash over everything that a build depends on: sources, bundled versions, the build scripts themselves. Equal hash, equal
 * build. It must not look at outputs or at times of files.
 */

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { at } from './root.mjs';

const FILES = ['package.json', 'package-lock.json', 'scripts/build.mjs'];
const FOLDERS = ['src', 'scripts/lib'];

/** Ten hex digits. */
export function fingerprint() {
  const hash = createHash('sha256');
  for (const path of inputs()) hash.update(`${path}\0`).update(read(path)).update('\0');
  return hash.digest('hex').slice(0, 10);
}

function inputs() {
  return [...FILES, ...FOLDERS.flatMap(filesBelow)].sort();
}

function filesBelow(folder) {
  return readdirSync(at(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => `${entry.parentPath ?? entry.path}/${entry.name}`.slice(at().length + 1));
}

function read(path) {
  try {
    return readFileSync(at(path));
  } catch (error) {
    // A file that went away between listing and reading (an editor's temporary file), or a lock file that is not there yet.
    if (error.code === 'ENOENT') return '';
    throw error;
  }
}
