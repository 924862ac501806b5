/** Makes what a command works with out of its arguments and the world. It must not know single commands. */

import { basename, dirname, join, resolve } from 'node:path';
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

export async function makeContext(args: Args, around: Surroundings, needsDaemon: boolean): Promise<Context> {
  const { world, printer } = around;
  const canAsk = world.stdin.isTTY === true && world.stderr.isTTY === true;
  return {
    ...around,
    args,
    aside: printer.aside(),
    json: args.flag('json'),
    directory: world.directory,
    variables: world.variables,
    target: await targetOf(args, world),
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

async function targetOf(args: Args, world: World): Promise<Target> {
  const file = args.text('file');
  const environment = args.text('environment');
  return {
    directory: world.directory,
    ...(file === undefined ? {} : { file: await canonical(resolve(world.directory, file)) }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** As the config room names files: the directory without symbolic links, so that one config has one name. */
async function canonical(file: string): Promise<string> {
  const { realDirectory } = await import('../config/find-config.ts');
  return join(await realDirectory(dirname(file)), basename(file));
}

function mustConnect(workbench: Workbench | null): Workbench {
  if (workbench === null) throw new Error('asked to start a daemon, the client gave none');
  return workbench;
}
