/** LEFT_CONNECTION: a server does not listen any more, but connections that it accepted live on and are in the way. */

import type { CauseDocument } from '../../core/inspection.ts';
import { blockingConnections, byHolder, isSelfConnected } from './blocking.ts';
import type { Cause, Connection, Situation } from './cause.ts';
import { connectionHolder, connectionText } from './ephemeral-connection.ts';
import { bindEvidence, ownerEvidence, waitCommand } from './words.ts';

export const leftConnection: Cause = {
  code: 'LEFT_CONNECTION',
  summary:
    'A server stopped listening, but connections that it had accepted are still there, and it had not set SO_REUSEADDR.',
  find: (situation) => {
    const left = blockingConnections(situation).filter(
      (one) => one.direction === 'in' && one.socket.state !== 'time-wait' && !isSelfConnected(one),
    );
    return byHolder(left).map((group) => documentOf(group, situation));
  },
};

function documentOf(group: readonly [Connection, ...Connection[]], situation: Situation): CauseDocument {
  const [owner] = group[0].owners;
  const { port } = situation;
  const count = group.length === 1 ? '1 connection' : `${group.length} connections`;
  const accepted = 'accepted there without SO_REUSEADDR';
  const text =
    group[0].socket.inode === 0
      ? `Nobody listens on port ${port} any more, but ${count} ${accepted} still end.`
      : `${connectionHolder(group[0])} does not listen on port ${port} any more, but still holds ${count} ${accepted}.`;
  return {
    code: leftConnection.code,
    text,
    evidence: [
      ...group.slice(0, 5).map(connectionText),
      ...(owner === undefined ? [] : [ownerEvidence(owner)]),
      bindEvidence(situation),
    ],
    // Its end leaves the port in TIME_WAIT.
    fix: owner === undefined ? waitCommand(port) : `kill ${owner.pid} && ${waitCommand(port)}`,
    pid: owner?.pid ?? null,
    sure: 'certain',
  };
}
