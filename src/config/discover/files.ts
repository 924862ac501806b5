/**
 * Reading for discovery: a file is there and readable, or it is not looked at; a project is never changed.
 */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const LARGEST = 1_000_000;

/** The text of a small file; null when there is none, or none that can be read. */
export async function readSmall(...path: readonly string[]): Promise<string | null> {
  const file = join(...path);
  try {
    const facts = await stat(file);
    if (!facts.isFile() || facts.size > LARGEST) return null;
    const text = await readFile(file, 'utf8');
    return text.includes('\0') ? null : text.replace(/^\ufeff/, '');
  } catch {
    // Discovery proposes from what it can see; what it cannot see is not proposed.
    return null;
  }
}

export async function isThere(...path: readonly string[]): Promise<boolean> {
  try {
    await stat(join(...path));
    return true;
  } catch {
    // As above: not to be seen is as good as not there.
    return false;
  }
}

/** Names of the directories in a directory, sorted; dependencies and hidden ones left out. */
export async function subdirectories(directory: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
    return names.filter((name) => name !== 'node_modules' && !name.startsWith('.')).sort();
  } catch {
    // As above.
    return [];
  }
}
