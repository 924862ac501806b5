/** SELF_CONNECTED: whoever waited for the port by connecting to it was once given that port as its own end, and talks to itself. */

import type { CauseDocument } from '../../core/inspection.ts';
import { isSelfConnected } from './blocking.ts';
import type { Cause, Connection, Situation } from './cause.ts';
import { connectionHolder, connectionText } from './ephemeral-connection.ts';
import { bindEvidence, ownerEvidence, waitCommand } from './words.ts';

export const selfConnected: Cause = {
  code: 'SELF_CONNECTED',
  summary:
    'A program that waits for the port by connecting to it again and again was given the same port as its own end, and is now connected to itself.',
  find: (situation) =>
    situation.connections
      .filter((one) => isSelfConnected(one) && one.socket.state !== 'time-wait')
      .map((one) => documentOf(one, situation)),
};

function documentOf(connection: Connection, situation: Situation): CauseDocument {
  const [owner] = connection.owners;
  const { port, ranges } = situation;
  const range =
    ranges.ephemeral === null
      ? ''
      : ` It happens within ${ranges.ephemeral.join('-')}, the range for outgoing connections; \`lo wait\` is not caught so.`;
  return {
    code: selfConnected.code,
    text: `${connectionHolder(connection)} is connected to itself on port ${port}: it takes that for the server it waits for, and the server is refused.${range}`,
    evidence: [
      connectionText(connection),
      ...(owner === undefined ? [] : [ownerEvidence(owner)]),
      bindEvidence(situation),
    ],
    // Its end leaves the port in TIME_WAIT.
    fix: owner === undefined ? null : `kill ${owner.pid} && ${waitCommand(port)}`,
    pid: owner?.pid ?? null,
    sure: 'certain',
  };
}
