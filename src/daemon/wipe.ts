/** Removes a service's data, and nothing that is more than that. It must not know whether the service is down: the caller does. */

import { realpathSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { LoopyardError, reasonOf } from '../core/errors.ts';

export interface ChosenData {
  readonly service: string;
  /** The directory that `data:` names; absolute. */
  readonly path: string;
  /** Directories that must survive: a `data:` that holds one of them names more than data. */
  readonly precious: readonly string[];
}

/** The directory goes whole: it is ours, below the state directory. */
export async function wipeOwn(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** A directory of the user's choice is emptied and stays. Errors: RESET_REFUSED, OUTPUT_FAILED. */
export async function wipeChosen(chosen: ChosenData): Promise<void> {
  const path = existing(chosen.path);
  if (path === null) return;
  const reason = tooMuch(path, chosen.precious);
  if (reason !== null) throw new LoopyardError('RESET_REFUSED', { service: chosen.service, path, reason });
  try {
    for (const entry of await readdir(path)) await rm(join(path, entry), { recursive: true, force: true });
  } catch (error) {
    throw new LoopyardError('OUTPUT_FAILED', { file: path, reason: reasonOf(error) }, [], error);
  }
}

/** Why this directory is more than a service's data, or null. Both sides are compared without symbolic links. */
export function tooMuch(path: string, precious: readonly string[]): string | null {
  if (dirname(path) === dirname(dirname(path))) return 'is a directory of the whole machine';
  const held = precious.find((one) => `${existing(one) ?? one}${sep}`.startsWith(`${path}${sep}`));
  return held === undefined ? null : `holds ${held}`;
}

/** Without symbolic links; null when nothing is there. */
function existing(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LoopyardError('OUTPUT_FAILED', { file: path, reason: reasonOf(error) }, [], error);
  }
}
