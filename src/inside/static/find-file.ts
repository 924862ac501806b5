/** Finds a file below the root, whatever links stand in the way, and never one outside of it. It must not know HTTP. */

import { type BigIntStats, constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';

export type Found =
  /** To be closed by the caller. `name`: as it was asked for, not what a link leads to. */
  | { readonly kind: 'file'; readonly name: string; readonly handle: FileHandle; readonly stats: BigIntStats }
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 'nothing' };

const NOTHING: Found = { kind: 'nothing' };
/** `realpath` has followed every link already; a pipe must not keep us waiting. */
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** `root` without links in it. What cannot be read is `nothing`. */
export async function findFile(root: string, segments: readonly string[]): Promise<Found> {
  try {
    const path = await realpath(join(root, ...segments));
    if (!isBelow(root, path)) return NOTHING;
    const stats = await lstat(path);
    if (stats.isDirectory()) return { kind: 'directory', path };
    return stats.isFile() ? await openFile(path, segments.at(-1) ?? '') : NOTHING;
  } catch (error) {
    if (isAbsence(error)) return NOTHING;
    throw error;
  }
}

async function openFile(path: string, name: string): Promise<Found> {
  const handle = await open(path, FLAGS);
  try {
    const stats = await handle.stat({ bigint: true });
    if (stats.isFile()) return { kind: 'file', name, handle, stats };
    await handle.close();
    return NOTHING;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

function isBelow(root: string, path: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}

/** Also names that are too long, loops of links, and what we may not read: a stranger need not know which. */
function isAbsence(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'EACCES', 'EPERM', 'ENXIO'].includes(code);
}
