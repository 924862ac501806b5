/** RESERVED_RANGE: the system keeps the port for itself, so that a bind is refused although nobody listens. */

import type { CauseDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { isForbidden } from './privileged.ts';
import { bindEvidence } from './words.ts';

export const reservedRange: Cause = {
  code: 'RESERVED_RANGE',
  summary:
    'The port lies in a range that the system keeps for itself, and a bind is refused although nobody listens: Windows does so for Hyper-V, WSL and containers.',
  find: (situation) => {
    const { port, ranges } = situation;
    const range = ranges.reserved.find(([first, last]) => port >= first && port <= last);
    const isRefused = port >= ranges.unprivilegedFrom && isForbidden(situation);
    return range !== undefined && isRefused ? [documentOf(range, situation)] : [];
  },
};

function documentOf([first, last]: readonly [number, number], situation: Situation): CauseDocument {
  const range = first === last ? `${first}` : `${first}-${last}`;
  return {
    code: reservedRange.code,
    text: `Port ${situation.port} lies in ${range}, which the system keeps for itself: a server is refused there although nobody listens.`,
    evidence: [`reserved: ${range}`, bindEvidence(situation)],
    // Source: Microsoft's note on WinNAT; on Linux a refusal comes from a security module, and no command is right for all of them.
    fix:
      situation.system === 'win32'
        ? 'netsh int ipv4 show excludedportrange protocol=tcp   # then take a port outside; `net stop winnat` and `net start winnat` deal the ranges anew'
        : null,
    pid: null,
    sure: 'likely',
  };
}
