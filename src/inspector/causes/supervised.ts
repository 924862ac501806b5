/** SUPERVISED: the holder has a parent whose work it is to start it again. */

import type { CauseDocument, OwnerDocument } from '../../core/inspection.ts';
import type { ProcessDescription } from '../../platform/facts.ts';
import { wayToStop } from '../kill/respawn.ts';
import { whatRuns } from '../ports/program.ts';
import type { Cause, Situation } from './cause.ts';
import { type Program, programsOf } from './programs.ts';
import { holderText } from './words.ts';

export const supervised: Cause = {
  code: 'SUPERVISED',
  summary:
    'Above the holder stands a program that starts it again (nodemon, pm2, supervisord and the like): end that one.',
  find: (situation) =>
    programsOf(situation.listeners).flatMap((program) => {
      // Its own daemon knows better how a service is stopped.
      if (program.some(({ service }) => service !== null)) return [];
      const [owner] = program[0].owners;
      const keeper = owner === undefined ? null : keeperOf(owner, situation);
      return keeper === null ? [] : [documentOf(program, keeper)];
    }),
};

/** Those that are there to start again what ends or changes, by the name of the program or script. */
const KEEPERS =
  /^(?:nodemon|pm2|PM2|forever|supervisord|runsv|s6-supervise|monit|circusd|god|watchexec|cargo-watch|air|reflex|gow|overmind|hivemind|watchmedo|supervise)$/;

function keeperOf({ parents }: OwnerDocument, { processOf }: Situation): ProcessDescription | null {
  for (const { pid } of parents) {
    const process = pid === 1 ? null : processOf(pid);
    if (process === null) continue;
    const isPm2 = /^PM2 v[\d.]+: God Daemon/.test(process.command[0] ?? '');
    if (isPm2 || KEEPERS.test(whatRuns(process))) return process;
  }
  return null;
}

function documentOf([first]: Program, keeper: ProcessDescription): CauseDocument {
  const name = /^PM2 v/.test(keeper.command[0] ?? '') ? 'pm2' : whatRuns(keeper);
  return {
    code: supervised.code,
    text: `${holderText(first)} was started by ${name} (pid ${keeper.pid}), whose work it is to start it again.`,
    evidence: [`pid ${keeper.pid} is ${name}`],
    fix: wayToStop(keeper),
    pid: keeper.pid,
    sure: 'likely',
  };
}
