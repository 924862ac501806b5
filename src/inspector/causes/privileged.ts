/** PRIVILEGED: refused for want of a right, not because somebody holds the port. */

import type { CauseDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { bindEvidence } from './words.ts';

export const privileged: Cause = {
  code: 'PRIVILEGED',
  summary:
    'The port is below the first that needs no privilege (1024 on most systems): this user may not listen there, whoever else does.',
  find: (situation) => {
    const { port, ranges } = situation;
    return port < ranges.unprivilegedFrom && isForbidden(situation) ? [documentOf(situation)] : [];
  },
};

export function isForbidden({ trials }: Pick<Situation, 'trials'>): boolean {
  return trials.some(
    ({ answer }) => !answer.bindable && (answer.code === 'EACCES' || answer.code === 'EPERM'),
  );
}

function documentOf(situation: Situation): CauseDocument {
  const { port, ranges } = situation;
  return {
    code: privileged.code,
    text: `This user may not listen on port ${port}: ports below ${ranges.unprivilegedFrom} need a privilege here. That says nothing about who else does.`,
    evidence: [`net.ipv4.ip_unprivileged_port_start is ${ranges.unprivilegedFrom}`, bindEvidence(situation)],
    fix: `sudo sysctl -w net.ipv4.ip_unprivileged_port_start=${port}   # for all users, until the next boot; or take a port from ${ranges.unprivilegedFrom} on`,
    pid: null,
    sure: 'certain',
  };
}
