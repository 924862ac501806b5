/** Blocks and ports that daemons hold on this machine: names of abstract sockets that everybody can see. */

import type { ClaimFacts } from '../health.ts';
import type { Platform } from '../platform.ts';

/** Claims on homes are secrets and not told. Node versions differ in whether they fill the name up with zeros, shown as `@`. */
const CLAIM = /^@loopyard\/((?:block|port)-\d+)@*$/;

/** Null: the table of sockets could not be read. */
export function readClaims(
  platform: Pick<Platform, 'unixSockets' | 'holders'>,
): readonly ClaimFacts[] | null {
  const { sockets, gaps } = platform.unixSockets();
  if (sockets.length === 0 && gaps.length > 0) return null;
  const names = new Map<number, string>();
  for (const { path, inode, listening } of sockets) {
    const name = listening ? CLAIM.exec(path ?? '')?.[1] : undefined;
    if (name !== undefined) names.set(inode, name);
  }
  const { byInode } = platform.holders(new Set(names.keys()));
  return [...names]
    .map(([inode, name]) => ({ name, pids: byInode.get(inode) ?? [] }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}
