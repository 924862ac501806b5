/** DOCKER_PROXY: the holder only passes on what comes for a container; to end it would not end the container. */

import type { CauseDocument, ContainerRef } from '../../core/inspection.ts';
import { stopContainer } from '../kill/managers.ts';
import type { Cause, Situation } from './cause.ts';
import { type Program, programsOf } from './programs.ts';
import { holderText, placeText, quote } from './words.ts';

export const dockerProxy: Cause = {
  code: 'DOCKER_PROXY',
  summary:
    'The port is a container’s published port, or a container listens itself: stop the container, since its manager keeps the port for it.',
  find: (situation) =>
    programsOf(situation.listeners).flatMap((program) => {
      const container = program.find((one) => one.container !== null)?.container ?? null;
      return container === null ? [] : [documentOf(program, container, situation)];
    }),
};

function documentOf([first]: Program, container: ContainerRef, { port }: Situation): CauseDocument {
  const { target, name, id, runtime } = container;
  const called = name ?? id?.slice(0, 12) ?? 'that is not named';
  const kind = runtime === 'unknown' ? 'a container' : `the ${runtime} container`;
  const managed = stopContainer(container, port, null);
  const leads = target === null ? '' : ` and leads to ${placeText(target.address, target.port)} inside`;
  return {
    code: dockerProxy.code,
    text: `Port ${port} belongs to ${kind} ${called}${leads}.`,
    evidence: [`${holderText(first)} holds it for the container`],
    fix: managed.kind === 'command' ? managed.argv.map(quote).join(' ') : managed.fix,
    pid: first.owners[0]?.pid ?? null,
    sure: id === null && name === null ? 'likely' : 'certain',
  };
}
