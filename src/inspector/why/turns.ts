/** One at a time on this machine: trials of one port would be each other's holders. It must not know what is done in turn. */

import { setTimeout as delay } from 'node:timers/promises';
import { LoopyardError } from '../../core/errors.ts';
import type { Claim, Platform } from '../../platform/platform.ts';

const PAUSE_MS = 10;
/** Whoever keeps its turn longer than this is stuck, or means ill. */
const PATIENCE_MS = 2000;

export async function oneAtATime<T>(
  platform: Pick<Platform, 'claim'>,
  port: number,
  work: () => Promise<T>,
): Promise<T> {
  const claim = await turn(platform, `why/${port}`);
  try {
    return await work();
  } finally {
    claim?.release();
  }
}

/** Null: it goes on without. A claim ends with its process, so a turn is never lost; who waits is not told, and looks again. */
async function turn(platform: Pick<Platform, 'claim'>, name: string): Promise<Claim | null> {
  const deadline = performance.now() + PATIENCE_MS;
  try {
    for (;;) {
      const claim = await platform.claim(name);
      if (claim !== null || performance.now() > deadline) return claim;
      await delay(PAUSE_MS);
    }
  } catch (error) {
    // A system without claims: two at once may meet there, and see each other.
    if (error instanceof LoopyardError && error.code === 'PLATFORM_UNSUPPORTED') return null;
    throw error;
  }
}
