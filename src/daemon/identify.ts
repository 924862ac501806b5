/**
 * Which environment a directory belongs to: its id, path and name. Reads only `.git` beside or above the project, never runs git.
 * It must not know leases or state.
 */

import { readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { shortHash } from '../core/hash.ts';
import type { EnvironmentRef } from '../core/status.ts';

/** `key`: what tells two environments of one directory apart, e.g. the name of a config file given with -f; '' for the usual one. */
export function identify(root: string, project: string, key: string): EnvironmentRef {
  const path = realPath(root);
  const id = `${slug(basename(path))}-${shortHash(key === '' ? path : `${path}\n${key}`)}`;
  const worktree = worktreeName(path);
  return { id, path, name: worktree === null ? project : `${worktree}.${project}` };
}

/** The name of the linked git worktree that holds `path`, or null in a main checkout and outside git. */
export function worktreeName(path: string): string | null {
  for (let directory = path; ; directory = dirname(directory)) {
    const link = readLink(join(directory, '.git'));
    if (link === 'directory') return null;
    // A submodule's link points into `modules/`; only `worktrees/` makes a second copy of the same project.
    if (link !== null) return link.includes('/worktrees/') ? slug(basename(directory)) : null;
    if (directory === dirname(directory)) return null;
  }
}

/** Lower case letters, digits and dashes, so that it can stand in file names and host names. */
export function slug(text: string): string {
  const plain = text
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 40);
  return plain === '' ? 'x' : plain;
}

/** What a `.git` file points to; `directory` for a real one; null when there is none. */
function readLink(file: string): string | 'directory' | null {
  try {
    const match = /^gitdir: *(.+)$/m.exec(readFileSync(file, 'utf8'));
    return match?.[1] === undefined ? null : resolve(dirname(file), match[1].trim());
  } catch (error) {
    // EISDIR: an ordinary checkout. Anything else means that git has no say here.
    return (error as NodeJS.ErrnoException).code === 'EISDIR' ? 'directory' : null;
  }
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // The checkout may be gone (`lo down`, `lo clean`): then its path as given is all there is.
    return resolve(path);
  }
}
