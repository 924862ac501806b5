/** `lo clean`: frees what environments hold whose checkout is gone. It must not touch one that runs or whose files exist. */

import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type CleanReport, type EnvironmentRef, SCHEMA_VERSION } from '../core/status.ts';
import type { Registry } from './registry.ts';

export async function cleanUp(registry: Registry): Promise<CleanReport> {
  const removed: EnvironmentRef[] = [];
  const kept: (EnvironmentRef & { readonly why: string })[] = [];
  let bytes = 0;
  for (const environment of registry.all()) {
    const { ref } = environment;
    if (environment.isRunning()) kept.push({ ...ref, why: 'it runs' });
    else if (registry.exists(environment)) kept.push({ ...ref, why: 'its checkout exists' });
    else {
      bytes += await allocated(environment.paths.directory);
      await registry.forget(environment);
      removed.push(ref);
    }
  }
  return { schema: SCHEMA_VERSION, removed, kept, bytes };
}

/** Bytes on the disk; holes of capped logs do not count, nor does what a link leads to: it stays. */
async function allocated(path: string): Promise<number> {
  try {
    const facts = await lstat(path);
    if (!facts.isDirectory()) return facts.blocks * 512;
    let sum = 0;
    for (const name of await readdir(path)) sum += await allocated(join(path, name));
    return sum;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
