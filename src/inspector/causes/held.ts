/** HELD: a program listens on the port. One for each program; what follows from where it listens, other causes say. */

import type { CauseDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { endCommand } from './ending.ts';
import { type Program, programsOf } from './programs.ts';
import { holderText, listText, ownerEvidence, placeText } from './words.ts';

export const held: Cause = {
  code: 'HELD',
  summary: 'A program listens on the port.',
  find: (situation) =>
    programsOf(situation.listeners)
      // Of our gateway OURS_GATEWAY says what for, and what to do: that it is a program helps nobody.
      .filter((program) => program.every(({ gateway }) => gateway === undefined))
      .map((program) => documentOf(program, situation)),
};

function documentOf(program: Program, situation: Situation): CauseDocument {
  const [first] = program;
  const [owner] = first.owners;
  const places = listText(program.map(({ address }) => placeText(address, situation.port)));
  const owners = [...new Map(program.flatMap((one) => one.owners).map((one) => [one.pid, one])).values()];
  return {
    code: held.code,
    text: `${holderText(first)} listens on ${places}.`,
    evidence: owners.map(ownerEvidence),
    // Of those that nobody sees, OWNER_HIDDEN says how to see them.
    fix: endCommand(program, situation.listeners, situation.port),
    pid: owner?.pid ?? null,
    sure: 'certain',
  };
}
