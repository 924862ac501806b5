/** SOCKET_ACTIVATED and UNIT: systemd holds the port, or starts its holder again. */

import type { CauseDocument, ListenerDocument } from '../../core/inspection.ts';
import { isOfUnit, stopUnit } from '../kill/managers.ts';
import type { Cause, Situation } from './cause.ts';
import { type Program, programsOf } from './programs.ts';
import { holderText, quote } from './words.ts';

export const socketActivated: Cause = {
  code: 'SOCKET_ACTIVATED',
  summary:
    'systemd listens for a socket unit and starts the service at the first connection: stop the socket unit.',
  find: (situation) =>
    programsOf(situation.listeners).flatMap((program) => {
      const listener = program.find(({ unit }) => unit?.socket === true);
      return listener === undefined ? [] : [documentOf(socketActivated.code, program, listener, situation)];
    }),
};

export const unitService: Cause = {
  code: 'UNIT',
  summary: 'The holder is a service of systemd, which may start it again: stop the unit, not the process.',
  find: (situation) =>
    programsOf(situation.listeners).flatMap((program) => {
      const listener = program.find((one) => one.unit?.socket === false && isOwn(one, situation));
      return listener === undefined ? [] : [documentOf(unitService.code, program, listener, situation)];
    }),
};

/** What somebody started in a terminal is in a control group of systemd too, and nothing of the unit's. */
function isOwn({ unit, owners }: ListenerDocument, { processOf }: Situation): boolean {
  const root = owners[0] === undefined ? null : processOf(owners[0].pid);
  return unit !== null && root !== null && isOfUnit(unit, root, processOf);
}

function documentOf(
  code: string,
  [first]: Program,
  listener: ListenerDocument,
  { uid, port, processOf }: Situation,
): CauseDocument {
  const { unit, owners } = listener;
  if (unit === null) throw new Error('a unit was found, and is not there');
  const owner = owners[0] === undefined ? null : processOf(owners[0].pid);
  const isOwnUser = owner === null || owner.uid === uid;
  const managed = stopUnit(unit, listener, {
    isRoot: uid === 0,
    user: isOwnUser ? (owner?.user ?? listener.user) : `uid ${uid}`,
    owner: owner?.user ?? listener.user,
  });
  return {
    code,
    text: unit.socket
      ? `systemd holds port ${port} for ${unit.name}: the service behind it starts at the first connection.`
      : `${holderText(first)} is the unit ${unit.name} of systemd, which may start it again when only the process ends.`,
    evidence: [`${unit.manager === 'user' ? 'a unit of the user' : 'a unit of the system'}: ${unit.name}`],
    fix: managed.kind === 'command' ? managed.argv.map(quote).join(' ') : managed.fix,
    pid: owners[0]?.pid ?? null,
    sure: unit.socket ? 'certain' : 'likely',
  };
}
