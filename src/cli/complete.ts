/** What completion scripts ask for: the services of the config at hand. Cheap: no daemon, no recipes, no checks. */

import { readFile, stat } from 'node:fs/promises';
import { parseText } from '../config/document.ts';
import { findConfig } from '../config/find-config.ts';
import type { World } from './world.ts';

/** Nothing where there is no config, or one that cannot be read: a completion must not print errors between the words. */
export async function serviceNames(world: Pick<World, 'directory'>): Promise<readonly string[]> {
  try {
    const file = await findConfig(world.directory);
    // A FIFO would never end.
    if (file === null || !(await stat(file)).isFile()) return [];
    const { root } = parseText(await readFile(file, 'utf8'));
    return [...(root?.entries?.get('services')?.value.entries?.keys() ?? [])];
  } catch {
    // See above.
    return [];
  }
}
