/** Exactly one daemon for each home. Must not know the socket: the lock is a claim that is never served on. */

import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { HomePaths } from '../core/paths.ts';
import type { Claim, Platform } from '../platform/platform.ts';

/**
 * null: another daemon of this home lives. Held until the process ends. The name is a secret of the home: claims are visible to
 * all users of the machine, and one that could be guessed could be taken by somebody else first.
 */
export function lockHome(platform: Platform, home: HomePaths): Promise<Claim | null> {
  return platform.claim(`daemon-${secretOf(`${home.home}/lock`)}`);
}

/** Made once, by whoever is first, and whole from the first instant: a half-written one would make two names of one lock. */
function secretOf(file: string): string {
  const draft = `${file}.tmp-${process.pid}`;
  if (!existsSync(file)) {
    writeFileSync(draft, randomBytes(16).toString('hex'), { mode: 0o600 });
    try {
      linkSync(draft, file);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft);
    }
  }
  return readFileSync(file, 'latin1');
}
