/** Exactly one daemon for each home. Must not know the socket: the lock is a claim that is never served on. */

import { shortHash } from '../core/hash.ts';
import type { HomePaths } from '../core/paths.ts';
import type { Claim, Platform } from '../platform/platform.ts';

/** null: another daemon of this home lives. Held until the process ends. `uid` keeps users' homes of equal path apart. */
export function lockHome(platform: Platform, home: HomePaths, uid: number): Promise<Claim | null> {
  return platform.claim(`daemon-${uid}-${shortHash(home.home)}`);
}
