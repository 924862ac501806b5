/**
 * Which environment a directory belongs to: its id, path and name. Reads only `.git` beside or above the project, never runs git.
 * It must not know leases or state.
 */

import { readFileSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { shortHash } from '../core/hash.ts';
import type { EnvironmentRef } from '../core/status.ts';

/** A link holds one path. */
const MAX_LINK_BYTES = 64_000;

export interface Identity {
  /** The checkout. */
  readonly root: string;
  readonly project: string;
  /** What tells two environments of one directory apart, e.g. a config file given with -f; '' for the usual one. */
  readonly key: string;
  /** The user and home whose environment it is: the id marks processes, and others may run the same checkout. */
  readonly holder: string;
}

export function identify({ root, project, key, holder }: Identity): EnvironmentRef {
  const path = realPath(root);
  const id = `${slug(basename(path))}-${shortHash([holder, path, key].join('\n'))}`;
  const worktree = worktreeName(path);
  return { id, path, name: worktree === null ? project : `${worktree}.${project}` };
}

/** The name of the linked git worktree that holds `path`, or null in a main checkout and outside git. */
export function worktreeName(path: string): string | null {
  for (let directory = path; ; directory = dirname(directory)) {
    const link = readLink(join(directory, '.git'));
    if (link === 'directory') return null;
    if (link !== null && /\/worktrees\/[^/]+$/.test(link)) return slug(basename(directory));
    // A submodule's link points into `modules/`: it is a copy as its checkout is.
    if (link !== null && !/\/modules\/.+$/.test(link)) return null;
    if (directory === dirname(directory)) return null;
  }
}

/** Lower case letters, digits and dashes, so that it can stand in file names and host names. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 40)
    .replace(/-+$/, '');
  return plain === '' ? 'x' : plain;
}

/** What a `.git` file points to; `directory` for a real one; null when there is none. */
function readLink(file: string): string | 'directory' | null {
  try {
    const facts = statSync(file);
    if (facts.isDirectory()) return 'directory';
    // Whoever made the checkout chose what lies here: a FIFO or a device would never end.
    if (!facts.isFile() || facts.size > MAX_LINK_BYTES) return null;
    const match = /^gitdir: *(.+)$/m.exec(readFileSync(file, 'utf8'));
    return match?.[1] === undefined ? null : resolve(dirname(file), match[1].trim());
  } catch {
    // Not there, or not for us to read: git has no say here.
    return null;
  }
}

/** Without symbolic links, so that one checkout has one name. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // The checkout may be gone (`lo down`, `lo clean`): then its path as given is all there is.
    return resolve(path);
  }
}
