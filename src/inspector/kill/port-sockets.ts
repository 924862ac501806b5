/** The sockets of one target at this moment, and who holds them. The only reader of the table while something is being ended. */

import { LoopyardError } from '../../core/errors.ts';
import type { SocketFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { isMeant, type KillTarget } from './target.ts';

export type SocketReader = Pick<Platform, 'sockets' | 'holders'>;

/** Errors: SOCKETS_UNREADABLE when nothing is found and something could not be read: that is not the same as nothing. */
export function socketsOf(platform: SocketReader, target: KillTarget): readonly SocketFacts[] {
  const { sockets, gaps } = platform.sockets('listening');
  const meant = sockets.filter((socket) => isMeant(target, socket));
  const gap = gaps.find(({ what }) => !isOfOther(what, target));
  if (meant.length === 0 && gap !== undefined)
    throw new LoopyardError('SOCKETS_UNREADABLE', { what: gap.what, reason: gap.why });
  return meant;
}

/** A table of the other transport, which is not asked about. */
function isOfOther(what: string, { protocol }: KillTarget): boolean {
  return (protocol === 'tcp' ? /udp6?$/ : /tcp6?$/).test(what);
}

export function inodesOf(sockets: readonly SocketFacts[]): ReadonlySet<number> {
  return new Set(sockets.map(({ inode }) => inode));
}

/** Of these inodes, what still takes connections. */
export function stillOpen(
  platform: SocketReader,
  target: KillTarget,
  inodes: ReadonlySet<number>,
): ReadonlySet<number> {
  return new Set([...inodesOf(socketsOf(platform, target))].filter((inode) => inodes.has(inode)));
}

/** Who holds one of them now. */
export function holdersOf(platform: SocketReader, inodes: ReadonlySet<number>): ReadonlySet<number> {
  return inodes.size === 0 ? new Set() : new Set([...platform.holders(inodes).byInode.values()].flat());
}
