/** `lo up`: starts services. In the foreground it stays and follows their logs; detached it returns once they are ready. */

import type { Target, UpRequest } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { Command, Context } from '../command.ts';
import { Foreground } from '../foreground.ts';
import { settle } from '../settle.ts';
import { nameLines } from '../view/service-text.ts';
import { printWarnings } from '../view/status-table.ts';
import { durationOption, SERVICES, TIMEOUT, YES } from './shared.ts';

export const up: Command = {
  usage: ['[SERVICE…]', '[SERVICE…] --detach [--timeout DURATION]'],
  description: [
    'Reads loopyard.yaml, gives every service its own loopback address and starts them in the order of their needs. Named services start with all that they need.',
    'In a terminal it shows each service until all are ready, then follows their logs. Ctrl-C stops the whole environment, a second one at once. When the terminal goes away, the services go too.',
    'Without a terminal it prints a line for each service and stays as well; when a service does not become ready it stops the others and ends with code 1, so that scripts need not watch it.',
    'With `--detach` (or `--wait`, the same) it returns when everything is ready, and the services stay. When one does not become ready it ends with code 1 and shows its last lines; the others stay up.',
    'Without a config file it shows what `lo init` would write and asks whether to go on with that.',
  ],
  positionals: [SERVICES],
  options: [
    { name: 'detach', short: 'd', summary: 'Return when everything is ready; services stay' },
    { name: 'wait', summary: 'The same as --detach' },
    TIMEOUT,
    { ...YES, summary: 'Without a config file: write what `lo init` would, without asking' },
  ],
  rest: null,
  examples: [
    { command: 'lo up', meaning: 'Start everything, watch it, end it with Ctrl-C.' },
    {
      command: 'lo up web --detach',
      meaning: 'Start `web` and what it needs, and go on with something else.',
    },
    { command: 'lo up --wait --timeout 60s', meaning: 'In a script: ready within a minute, or exit code 1.' },
  ],
  exits: { '1': 'a service did not become ready', '130': 'ended by Ctrl-C' },
  needsDaemon: true,
  run: async (context) => {
    const { args } = context;
    const detached = args.flag('detach') || args.flag('wait');
    const timeoutMs = durationOption(args, 'timeout');
    if (timeoutMs !== undefined && !detached) {
      const fix = 'write `lo up --detach --timeout …`; in the foreground Ctrl-C ends the wait';
      throw new LoopyardError('USAGE', { reason: '--timeout belongs to --detach', fix });
    }
    if (!(await haveConfig(context))) return 1;
    if (!detached) return await new Foreground(context, await requestOf(context, 'stop')).run();
    return await upDetached(context, timeoutMs);
  },
};

async function upDetached(context: Context, timeoutMs: number | undefined): Promise<number> {
  const request = await requestOf(context, 'none');
  const board = await settle(context, {
    goal: 'up',
    open: (workbench) => workbench.up(request),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  });
  if (context.json) return 0;
  printWarnings(context.printer, board.services);
  for (const line of nameLines(board.services)) context.printer.line(line);
  return 0;
}

async function requestOf(context: Context, owner: UpRequest['owner']): Promise<UpRequest> {
  const { args, variables, world } = context;
  return {
    ...(await configTarget(context)),
    services: args.positionals,
    variables,
    owner,
    pid: world.pid,
    untilSettled: owner === 'none',
  };
}

/** `up` reads a config, so an environment that is named by its id stands for the file that it came from. */
async function configTarget(context: Context): Promise<Target> {
  const { target } = context;
  if (target.environment === undefined) return target;
  const workbench = await context.connect();
  const { config, environment } = await workbench.ps(target);
  if (config !== null) return { directory: environment.path, file: config };
  throw new LoopyardError('USAGE', {
    reason: `the environment ${environment.id} has no config file`,
    fix: 'it came from `lo run`: start it with the same `lo run` again',
  });
}

/** False: there is none, and the person did not want the one that was offered. Errors: CONFIG_NOT_FOUND. */
async function haveConfig(context: Context): Promise<boolean> {
  const { target } = context;
  if (target.file !== undefined || target.environment !== undefined) return true;
  const { findConfig } = await import('../../config/find-config.ts');
  if ((await findConfig(context.directory)) !== null) return true;
  const { offerConfig } = await import('../offer-config.ts');
  return await offerConfig(context);
}
