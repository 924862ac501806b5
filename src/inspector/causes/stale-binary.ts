/** STALE_BINARY: the holder runs a program whose file was replaced or deleted since: mostly an old build that nobody stopped. */

import type { CauseDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { endCommand } from './ending.ts';
import { type Program, programsOf } from './programs.ts';
import { ownerEvidence, ownerText } from './words.ts';

export const staleBinary: Cause = {
  code: 'STALE_BINARY',
  summary:
    'The holder runs a program whose file was replaced or deleted since it started: an old build answers.',
  find: (situation) =>
    programsOf(situation.listeners).flatMap((program) => {
      const owner = program.flatMap(({ owners }) => owners).find(({ stale }) => stale);
      return owner === undefined ? [] : [documentOf(program, owner, situation)];
    }),
};

function documentOf(
  program: Program,
  owner: Program[0]['owners'][number],
  situation: Situation,
): CauseDocument {
  const end = endCommand(program, situation.listeners, situation.port);
  return {
    code: staleBinary.code,
    text: `${ownerText(owner)} runs a program whose file was replaced or deleted since it started: what answers is the old one.`,
    evidence: [ownerEvidence(owner)],
    fix: end === null ? null : `${end}   # then start it again`,
    pid: owner.pid,
    sure: 'certain',
  };
}
