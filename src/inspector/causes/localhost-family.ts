/** LOCALHOST_FAMILY: the listener is on one family only, and `localhost` leads to the other first. */

import type { CauseDocument, ListenerDocument } from '../../core/inspection.ts';
import { answererAt } from '../why/answers.ts';
import type { Cause, Situation } from './cause.ts';
import { holderText, listText, placeText } from './words.ts';

export const localhostFamily: Cause = {
  code: 'LOCALHOST_FAMILY',
  summary:
    'The listener has one family of `localhost` only, and this machine’s resolver names the other first: clients that do not try both are refused.',
  find: (situation) => {
    const [first] = situation.localhost;
    if (first !== '127.0.0.1' && first !== '::1') return [];
    const served = first === '::1' ? '127.0.0.1' : '::1';
    const listener = answererAt(served, situation);
    if (listener === null || answererAt(first, situation) !== null) return [];
    return [documentOf(situation, listener, first, served)];
  },
};

function documentOf(
  situation: Situation,
  listener: ListenerDocument,
  missing: string,
  served: string,
): CauseDocument {
  const { localhost, port } = situation;
  const isOnly = !localhost.includes(served);
  const outcome = isOnly
    ? 'so every client of that name is refused'
    : 'so clients that try only the first address are refused';
  return {
    code: localhostFamily.code,
    text: `${holderText(listener)} answers on ${placeText(served, port)} and not on ${placeText(missing, port)}, but \`localhost\` is ${listText(localhost, 'then')} here, ${outcome}.`,
    evidence: [
      `listens on ${placeText(listener.address, port)}`,
      `the resolver gives for localhost: ${localhost.join(', ')}`,
    ],
    fix: `${placeText(served, port)}   # in place of localhost:${port}; or let the server listen on ${missing} too`,
    pid: listener.owners[0]?.pid ?? null,
    sure: isOnly ? 'certain' : 'likely',
  };
}
