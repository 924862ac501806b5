/** HELD: a program listens on the port. One for each program; what follows from where it listens, other causes say. */

import type { CauseDocument } from '../../core/inspection.ts';
import type { Cause, Situation } from './cause.ts';
import { type Program, programsOf } from './programs.ts';
import { holderText, listText, ownerEvidence, placeText } from './words.ts';

export const held: Cause = {
  code: 'HELD',
  summary: 'A program listens on the port.',
  find: (situation) => {
    const programs = programsOf(situation.listeners);
    return programs.map((program) => documentOf(program, situation, programs.length === 1));
  },
};

function documentOf(program: Program, situation: Situation, isAlone: boolean): CauseDocument {
  const [first] = program;
  const [owner] = first.owners;
  const places = listText(program.map(({ address }) => placeText(address, situation.port)));
  const isManaged = first.service !== null || first.unit !== null || first.container !== null;
  const owners = [...new Map(program.flatMap((one) => one.owners).map((one) => [one.pid, one])).values()];
  return {
    code: held.code,
    text: `${holderText(first)} listens on ${places}.`,
    evidence: owners.map(ownerEvidence),
    // `lo kill` asks, and knows whose command stops a service, a unit or a container. It ends all listeners of the port, so beside
    // others a plain program is named by its pid. Of those nobody sees, OWNER_HIDDEN says how to see them.
    fix:
      owner === undefined ? null : isAlone || isManaged ? `lo kill ${situation.port}` : `kill ${owner.pid}`,
    pid: owner?.pid ?? null,
    sure: 'certain',
  };
}
