/** OWNER_HIDDEN: somebody listens whose process cannot be seen from here; never the same as nobody. */

import type { CauseDocument, ListenerDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { programsOf } from './programs.ts';
import { listText, placeText, rootCommand } from './words.ts';

export const ownerHidden: Cause = {
  code: 'OWNER_HIDDEN',
  summary:
    'Somebody listens, and the process cannot be seen from here: it is another user’s, or in another container.',
  find: (situation) =>
    programsOf(situation.listeners.filter(({ ownerVisible }) => !ownerVisible)).map((program) =>
      documentOf(program, situation),
    ),
};

function documentOf(
  program: readonly [ListenerDocument, ...ListenerDocument[]],
  situation: Situation,
): CauseDocument {
  const [first] = program;
  const { port, uid } = situation;
  const places = listText(program.map(({ address }) => placeText(address, port)));
  return {
    code: ownerHidden.code,
    text: `Who listens on ${places} is not seen from here: ${first.hidden ?? `it belongs to ${first.user}`}.`,
    evidence: [`the socket belongs to ${first.user}, which everybody may read`],
    fix: uid === 0 ? null : rootCommand(port),
    pid: null,
    sure: 'certain',
  };
}
