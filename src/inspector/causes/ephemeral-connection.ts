/** EPHEMERAL_CONNECTION: no listener; an outgoing connection was given this port as its own, and is in the way. */

import type { CauseDocument } from '../../core/inspection.ts';
import { blockingConnections, byHolder, inEphemeralRange, isSelfConnected } from './blocking.ts';
import type { Cause, Connection, Situation } from './cause.ts';
import { bindEvidence, ownerEvidence, ownerText, placeText, waitCommand } from './words.ts';

export const ephemeralConnection: Cause = {
  code: 'EPHEMERAL_CONNECTION',
  summary:
    'Nothing listens, but an outgoing connection has this port as its own end, mostly because the system gave it one from the ephemeral range.',
  find: (situation) => {
    const outgoing = blockingConnections(situation).filter(
      (one) => one.direction !== 'in' && one.socket.state !== 'time-wait' && !isSelfConnected(one),
    );
    return byHolder(outgoing).map((group) => documentOf(group, situation));
  },
};

function documentOf(group: readonly [Connection, ...Connection[]], situation: Situation): CauseDocument {
  const [first] = group;
  const [owner] = first.owners;
  const { port, ranges } = situation;
  const who = `A connection of ${connectionHolder(first)}`;
  const range = ranges.ephemeral === null ? null : ranges.ephemeral.join('-');
  const isGiven = range !== null && inEphemeralRange(situation);
  return {
    code: ephemeralConnection.code,
    text: `${who} to ${peerText(first)} has port ${port} as its own end${isGiven ? `, given to it from ${range}, the range for outgoing connections` : ''}. Nothing listens on the port.`,
    evidence: [
      ...group.slice(0, 5).map(connectionText),
      ...(owner === undefined ? [] : [ownerEvidence(owner)]),
      bindEvidence(situation),
    ],
    // The process is somebody's client, perhaps a browser or a database's: to end it is no way to get a port.
    fix: isGiven
      ? `${reserveCommand(situation)}   # yours once that connection has ended; or take a port outside ${range}`
      : `${waitCommand(port)}   # until that connection has ended; or take another port`,
    pid: owner?.pid ?? null,
    sure: 'certain',
  };
}

function peerText({ socket }: Connection): string {
  return socket.remote === null ? 'nobody' : placeText(socket.remote.address, socket.remote.port);
}

/** `node (pid 4711)`, or why there is no name. */
export function connectionHolder({ socket, owners }: Connection): string {
  const [owner] = owners;
  if (owner !== undefined) return ownerText(owner);
  return socket.inode === 0 ? 'a process that is gone' : 'a process that is not seen from here';
}

export function connectionText(connection: Connection): string {
  const { local, state } = connection.socket;
  return `${placeText(local.address, local.port)} to ${peerText(connection)}: ${state}`;
}

/** The setting is one list: what stands in it stays. */
function reserveCommand({ ranges, port }: Pick<Situation, 'ranges' | 'port'>): string {
  const reserved = ranges.reserved.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`));
  return `sudo sysctl -w net.ipv4.ip_local_reserved_ports=${[...reserved, port].join()}`;
}
