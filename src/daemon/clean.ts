/** `lo clean`: frees what environments hold whose checkout is gone. It must not touch one that runs or whose files exist. */

import { lstatSync, readdirSync } from 'node:fs';
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
      bytes += allocated(environment.paths.directory);
      await registry.forget(environment);
      removed.push(ref);
    }
  }
  return { schema: SCHEMA_VERSION, removed, kept, bytes };
}

/** Bytes on the disk; holes of capped logs do not count, nor does what a link leads to: it stays. */
function allocated(path: string): number {
  const facts = lstatSync(path, { throwIfNoEntry: false });
  if (facts === undefined) return 0;
  if (!facts.isDirectory()) return facts.blocks * 512;
  return readdirSync(path).reduce((sum, name) => sum + allocated(join(path, name)), 0);
}
