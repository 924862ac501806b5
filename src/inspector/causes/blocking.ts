/** Connections that stand in the way of a bind though nobody listens: which of them do, and what is left without a reason. Pure. */

import { canBind } from '../why/bindable.ts';
import { unexplained } from '../why/trials.ts';
import type { Connection, Situation, Trial } from './cause.ts';

type Known = Pick<Situation, 'connections' | 'trials'>;

/** In the way of at least one trial that no listener explains. A socket with SO_REUSEADDR is in nobody's way. */
export function blockingConnections({ connections, trials }: Known): readonly Connection[] {
  const open = unexplained(trials);
  return connections.filter((connection) => open.some((trial) => isInTheWay(connection, trial)));
}

/** Refused as in use, and neither a listener nor a connection is the reason. */
export function unaccountedTrials({ connections, trials }: Known): readonly Trial[] {
  return unexplained(trials).filter(
    (trial) => !connections.some((connection) => isInTheWay(connection, trial)),
  );
}

function isInTheWay({ socket }: Connection, trial: Trial): boolean {
  return canBind(trial, [socket.local]) === false;
}

/** By the process that holds them; those that none holds any more come as one. */
export function byHolder(connections: readonly Connection[]): readonly [Connection, ...Connection[]][] {
  const groups = new Map<number | null, [Connection, ...Connection[]]>();
  for (const connection of connections) {
    const key = connection.owners[0]?.pid ?? null;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [connection]);
    else group.push(connection);
  }
  return [...groups.values()];
}

/** Connected to itself: the kernel gave a caller the very port it called (simultaneous open, RFC 9293 3.5). */
export function isSelfConnected({ socket: { local, remote } }: Connection): boolean {
  return remote !== null && remote.port === local.port && remote.address === local.address;
}

export function inEphemeralRange({ ranges, port }: Pick<Situation, 'ranges' | 'port'>): boolean {
  return ranges.ephemeral !== null && port >= ranges.ephemeral[0] && port <= ranges.ephemeral[1];
}
