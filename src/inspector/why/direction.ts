/** Which side of a connection called. Pure. */

import type { PortRanges, SocketFacts } from '../../platform/facts.ts';
import type { Connection } from '../causes/cause.ts';
import { covers } from './bindable.ts';

/** `listening`: all listeners of this machine. A peer that listens was called; else the ports tell, where one of them is ephemeral. */
export function directionOf(
  { local, remote, state }: SocketFacts,
  listening: readonly SocketFacts[],
  { ephemeral }: Pick<PortRanges, 'ephemeral'>,
): Connection['direction'] {
  if (state === 'syn-sent') return 'out';
  if (state === 'syn-received') return 'in';
  const isServer = (place: typeof local): boolean =>
    listening.some(
      (one) => one.local.port === place.port && covers(one.local.address, place.address) !== false,
    );
  if (isServer(local)) return 'in';
  if (remote === null) return null;
  if (isServer(remote)) return 'out';
  const isEphemeral = (port: number): boolean =>
    ephemeral !== null && port >= ephemeral[0] && port <= ephemeral[1];
  if (isEphemeral(local.port) === isEphemeral(remote.port)) return null;
  return isEphemeral(local.port) ? 'out' : 'in';
}
