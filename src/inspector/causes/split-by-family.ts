/** SPLIT_BY_FAMILY: two programs have one port, by family. Nothing failed, and clients still meet the wrong one. */

import type { CauseDocument, ListenerDocument } from '../../core/inspection.ts';
import { answererAt, answererFor } from '../why/answers.ts';
import type { Cause, Situation } from './cause.ts';
import { endCommand } from './ending.ts';
import { sameProgram } from './programs.ts';
import { holderText, ownerEvidence, placeText } from './words.ts';

export const splitByFamily: Cause = {
  code: 'SPLIT_BY_FAMILY',
  summary:
    'Two programs have the same port, one for IPv4 and one for IPv6. Neither was refused, and which one `localhost` reaches depends on the client.',
  find: (situation) => {
    const [ipv4, ipv6] = [answererAt('127.0.0.1', situation), answererAt('::1', situation)];
    if (ipv4 === null || ipv6 === null || ipv4 === ipv6 || sameProgram(ipv4, ipv6)) return [];
    return [documentOf(situation, ipv4, ipv6)];
  },
};

function documentOf(situation: Situation, ipv4: ListenerDocument, ipv6: ListenerDocument): CauseDocument {
  const { port, localhost } = situation;
  const first = localhost.length === 0 ? null : answererFor(localhost, situation);
  const here = first === null ? '' : ` Here \`localhost:${port}\` is ${holderText(first)} for most clients.`;
  return {
    code: splitByFamily.code,
    text: `Two programs share port ${port}: IPv4 reaches ${holderText(ipv4)}, IPv6 reaches ${holderText(ipv6)}.${here}`,
    evidence: [ipv4, ipv6].flatMap((one) => [
      `${placeText(one.address, port)} belongs to ${holderText(one)}`,
      ...one.owners.slice(0, 1).map(ownerEvidence),
    ]),
    fix: fixText([ipv4, ipv6], situation),
    pid: (later(ipv4, ipv6) ?? ipv6.owners[0])?.pid ?? null,
    sure: 'certain',
  };
}

function fixText(both: readonly ListenerDocument[], { listeners, port }: Situation): string | null {
  const [first, ...others] = both.flatMap((one) => endCommand([one], listeners, port) ?? []);
  if (first === undefined) return null;
  return `${first}   #${others.map((command) => ` or ${command}`).join('')}, whichever is not wanted`;
}

/** Who came second is mostly the one that is not expected. */
function later(
  ipv4: ListenerDocument,
  ipv6: ListenerDocument,
): ListenerDocument['owners'][number] | undefined {
  const [one, other] = [ipv4.owners[0], ipv6.owners[0]];
  if (one === undefined || other === undefined) return one ?? other;
  return (one.started ?? '') > (other.started ?? '') ? one : other;
}
