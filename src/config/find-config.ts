/**
 * Where the config is: `loopyard.yaml` or `loopyard.yml`, searched upwards. It must not know what is in it.
 */

import { lstat, realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { LoopyardError, reasonOf } from '../core/errors.ts';

export const CONFIG_NAMES = ['loopyard.yaml', 'loopyard.yml'] as const;

/**
 * The absolute path of the config for `directory`, or null. The directory comes without symbolic links, so that one checkout has one
 * name; the file itself may be a link. Throws CONFIG_AMBIGUOUS when one directory has both names, CONFIG_UNREADABLE when a directory
 * cannot be looked into, CONFIG_FOREIGN.
 */
export async function findConfig(directory: string): Promise<string | null> {
  const start = await realDirectory(resolve(directory));
  for (let at = start; ; ) {
    const [found, other] = await configsIn(at);
    if (found !== undefined && other !== undefined)
      throw new LoopyardError('CONFIG_AMBIGUOUS', { directory: at, first: found, second: other });
    if (found !== undefined) return await trusted(join(at, found), start);
    const parent = dirname(at);
    if (parent === at) return null;
    at = parent;
  }
}

/** Without symbolic links; as it was given where it does not exist. */
export async function realDirectory(directory: string): Promise<string> {
  try {
    return await realpath(directory);
  } catch {
    // What is not there has no links; whoever reads it next says so.
    return directory;
  }
}

/**
 * In a directory that everybody can write to, such as /tmp, somebody else may have laid a config above one's own work. Who works in
 * another user's checkout (root in a container, mostly) means that user's config.
 */
async function trusted(file: string, directory: string): Promise<string> {
  const own = process.getuid?.();
  const [owner, host] = await Promise.all([ownerOf(file), ownerOf(directory)]);
  if (owner === own || owner === 0 || owner === host || own === undefined || owner === null) return file;
  throw new LoopyardError('CONFIG_FOREIGN', { file, owner, directory });
}

/** The owner of the link where it is one: whoever laid it chose where it leads. Null when it is gone meanwhile. */
async function ownerOf(path: string): Promise<number | null> {
  try {
    return (await lstat(path)).uid;
  } catch {
    // Whoever reads it next says so.
    return null;
  }
}

async function configsIn(directory: string): Promise<readonly string[]> {
  const found = await Promise.all(
    CONFIG_NAMES.map(async (name) => ((await exists(join(directory, name))) ? [name] : [])),
  );
  return found.flat();
}

async function exists(file: string): Promise<boolean> {
  try {
    await lstat(file);
    return true;
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException;
    // "Could not look" must not pass for "not there": a config further up would be taken for this one's.
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw new LoopyardError('CONFIG_UNREADABLE', { file, reason: reasonOf(thrown) });
  }
}
