/** TIME_WAIT: closed connections keep the port for a minute, for programs that do not set SO_REUSEADDR, or for all. */

import type { CauseDocument } from '../../core/inspection.ts';
import { blockingConnections } from './blocking.ts';
import type { Cause, Situation } from './cause.ts';
import { connectionText } from './ephemeral-connection.ts';
import { bindEvidence, waitCommand } from './words.ts';

/** The kernel's TCP_TIMEWAIT_LEN (include/net/tcp.h). */
const SECONDS = 60;

export const timeWait: Cause = {
  code: 'TIME_WAIT',
  summary:
    'Nothing listens, but closed connections keep the port for up to a minute: for a program that does not set SO_REUSEADDR, and for every program when the one that closed them had not set it.',
  find: (situation) => {
    const rests = situation.connections.filter(({ socket }) => socket.state === 'time-wait');
    if (situation.listeners.length > 0 || rests.length === 0) return [];
    return [documentOf(situation, rests)];
  },
};

function documentOf(situation: Situation, rests: Situation['connections']): CauseDocument {
  const { port } = situation;
  const count = rests.length === 1 ? '1 closed connection is' : `${rests.length} closed connections are`;
  const waits = `No process has port ${port}, but ${count} in TIME_WAIT, for at most ${SECONDS} s`;
  // Of sockets that had SO_REUSEADDR nothing is refused that sets it too. Which had it, no table shows: the trials do.
  const blocks = blockingConnections(situation).some(({ socket }) => socket.state === 'time-wait');
  return {
    code: timeWait.code,
    text: blocks
      ? `${waits}. Whoever closed had not set SO_REUSEADDR, so every server is refused until then.`
      : `${waits}. Node and all who set SO_REUSEADDR get the port; who does not is refused until then.`,
    evidence: [...rests.slice(0, 5).map(connectionText), bindEvidence(situation)],
    fix: blocks
      ? waitCommand(port)
      : 'setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)   # before bind(), in the program that is refused',
    pid: null,
    sure: 'certain',
  };
}
