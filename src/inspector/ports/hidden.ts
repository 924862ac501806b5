/** Why no owner of a socket is seen, and what would show it. Pure. */

import type { Unseen } from '../../core/inspection.ts';
import type { Gap, Holders, SocketFacts } from '../../platform/facts.ts';

/** Who looks, and what keeps it from seeing all. */
export interface Sight {
  readonly isRoot: boolean;
  readonly spots: readonly Gap[];
}

export function hiddenBecause(
  socket: SocketFacts,
  user: string,
  sight: Sight,
  closed: Holders['closed'],
): string {
  if (socket.inode === 0)
    return 'no process holds it: the kernel itself does, as for WireGuard, VXLAN and NFS';
  const { spots } = sight;
  const reasons = [...new Set(spots.map(({ what, why }) => `${what} are not seen, since ${why}`))];
  if (reasons.length === 0) return `it belongs to ${user}, and ${nobodySeen([...closed.values()].flat())}`;
  const remedy = remedyOf(sight);
  // More rights inside a container do not show what is outside of it (`blind-spots.ts` has these words).
  const verb = spots.some(({ what }) => what.includes('outside')) ? 'may show it' : 'shows it';
  // The port makes it the command for this very line.
  const shown =
    remedy === null
      ? 'only the machine itself can tell'
      : `\`${remedy} --port ${socket.local.port}\` ${verb}`;
  return `it belongs to ${user}; ${reasons.join('; ')}; ${shown}`;
}

const MOST_PIDS = 5;

/** For who may see everything. */
function nobodySeen(closed: readonly number[]): string {
  if (closed.length === 0)
    return 'no process holds it: the kernel itself may, as for NFS, or it is on its way from one process to another';
  const pids = closed.slice(0, MOST_PIDS).join(', ');
  const more = closed.length > MOST_PIDS ? ` and ${closed.length - MOST_PIDS} more` : '';
  return `no process that may be looked into holds it; not even root may look into pid ${pids}${more}`;
}

export function unseenSpots(sight: Sight): readonly Unseen[] {
  return sight.spots.map((spot) => ({ ...spot, fix: remedyOf(sight) }));
}

/** Null: more rights inside do not help. sudo(8) sets a PATH of its own, in which `lo` and Node may not be. */
function remedyOf({ isRoot }: Sight): string | null {
  return isRoot ? null : 'sudo env "PATH=$PATH" lo ports';
}
