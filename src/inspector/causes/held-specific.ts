/** HELD_SPECIFIC: only some addresses are taken, so that a server which asks for all of them is refused and one on another is not. */

import type { CauseDocument } from '../../core/inspection.ts';
import { outcomeOf } from '../why/trials.ts';
import type { Cause, Situation } from './cause.ts';
import { bindEvidence, freeAddresses, holderText, listText, placeText } from './words.ts';

export const heldSpecific: Cause = {
  code: 'HELD_SPECIFIC',
  summary:
    'Only some addresses have the port taken. A server that asks for every address (`0.0.0.0`, `::`, or no host at all) is refused; one that asks for another address is not.',
  find: (situation) => {
    const { listeners, trials } = situation;
    if (listeners.length === 0 || listeners.some(({ scope }) => scope === 'wildcard')) return [];
    const isRefused = outcomeOf(trials, '0.0.0.0') === false || outcomeOf(trials, '::') === false;
    const free = freeAddresses(situation);
    return isRefused && free.length > 0 ? [documentOf(situation, free)] : [];
  },
};

function documentOf(situation: Situation, free: readonly string[]): CauseDocument {
  const { listeners, port } = situation;
  const taken = listText(listeners.map(({ address }) => placeText(address, port)));
  const holders = listText(listeners.map(holderText));
  return {
    code: heldSpecific.code,
    text: `Only ${taken} ${listeners.length > 1 ? 'are' : 'is'} taken, by ${holders}: a server that asks for every address is refused, one on ${listText(free, 'or')} is not.`,
    evidence: [bindEvidence(situation)],
    fix: `lo run --port ${port} -- COMMAND   # an address of its own; or in Node: server.listen(${port}, '${free[0]}')`,
    pid: listeners[0]?.owners[0]?.pid ?? null,
    sure: 'certain',
  };
}
