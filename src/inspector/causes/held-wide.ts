/** HELD_WIDE: a listener on a wildcard takes the port on every address, so that servers on one address are refused too. */

import type { CauseDocument } from '../../core/inspection.ts';
import { takesIpv4 } from '../why/trials.ts';
import type { Cause, Situation } from './cause.ts';
import { narrowing } from './narrow.ts';
import { type Program, programsOf } from './programs.ts';
import { bindEvidence, freeAddresses, holderText, listText, placeText } from './words.ts';

export const heldWide: Cause = {
  code: 'HELD_WIDE',
  summary:
    'A program listens on a wildcard (`0.0.0.0`, `::`), which takes the port on every address, so that a server on one address, such as 127.0.0.1, is refused too.',
  find: (situation) => {
    const wide = situation.listeners.filter(({ scope }) => scope === 'wildcard');
    return programsOf(wide).map((program) => documentOf(program, situation));
  },
};

function documentOf(program: Program, situation: Situation): CauseDocument {
  const { port } = situation;
  const [first] = program;
  const wildcards = program.map(({ address }) => placeText(address, port));
  return {
    code: heldWide.code,
    text: `${holderText(first)} listens on ${listText(wildcards)}, which is ${reachText(program, situation)}: a server on one of them is refused as well.`,
    evidence: [bindEvidence(situation), `every network of this machine may reach ${listText(wildcards)}`],
    fix: fixText(program, situation),
    pid: first.owners[0]?.pid ?? null,
    sure: 'certain',
  };
}

function reachText(program: Program, situation: Situation): string {
  const has = (address: string): boolean => program.some((one) => one.address === address);
  if (!has('::')) return 'every IPv4 address';
  return has('0.0.0.0') || takesIpv4(situation.trials)
    ? 'every address of both families'
    : 'every IPv6 address';
}

/** The holder on one address leaves the port free on all others; without knowing how it is told, what is free now. */
function fixText([first]: Program, situation: Situation): string | null {
  const narrow = narrowing(first, situation.port);
  if (narrow !== null) return narrow;
  const [free] = freeAddresses(situation);
  return free === undefined
    ? null
    : `server.listen(${situation.port}, '${free}')   # your own server, beside it`;
}
