/** Makes what a command works with out of its arguments and the world. It must not know single commands. */

import { resolve } from 'node:path';
import type { Target, Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { Args } from './args.ts';
import type { CommandRow, Context } from './command.ts';
import type { Interrupts } from './interrupts.ts';
import type { Printer } from './printer/printer.ts';
import type { World } from './world.ts';

/** What is the same for every command of this process. */
export interface Surroundings {
  readonly world: World;
  readonly printer: Printer;
  readonly interrupts: Interrupts;
  readonly commands: readonly CommandRow[];
}

export function makeContext(args: Args, around: Surroundings, needsDaemon: boolean): Context {
  const { world, printer } = around;
  const canAsk = world.stdin.isTTY === true && world.stderr.isTTY === true;
  return {
    ...around,
    args,
    aside: printer.aside(),
    json: args.flag('json'),
    directory: world.directory,
    variables: world.variables,
    target: targetOf(args, world),
    connect: async () => {
      if (!needsDaemon) throw new Error('a command marked as needing no daemon asked for one');
      return mustConnect(await world.connect({ autostart: true }));
    },
    connectIfRunning: () => world.connect({ autostart: false }),
    canAsk,
    confirm: async (action, question) => {
      if (args.flag('yes')) return true;
      if (!canAsk) throw new LoopyardError('NEEDS_CONFIRMATION', { action });
      const { ask } = await import('./ask.ts');
      return await ask(world, printer, question);
    },
  };
}

function targetOf(args: Args, world: World): Target {
  const file = args.text('file');
  const environment = args.text('environment');
  return {
    directory: world.directory,
    ...(file === undefined ? {} : { file: resolve(world.directory, file) }),
    ...(environment === undefined ? {} : { environment }),
  };
}

function mustConnect(workbench: Workbench | null): Workbench {
  if (workbench === null) throw new Error('asked to start a daemon, the client gave none');
  return workbench;
}
