/** `lo start`: starts services of a known environment with all that they need. */

import type { Command } from '../command.ts';
import { settle } from '../settle.ts';
import { durationOption, SERVICES, TIMEOUT } from './shared.ts';

export const start: Command = {
  usage: ['[SERVICE…] [--timeout DURATION]'],
  description: [
    'Starts services of an environment that `lo up` made known, together with all that they need, and returns when they are ready.',
  ],
  positionals: [SERVICES],
  options: [TIMEOUT],
  rest: null,
  examples: [{ command: 'lo start api', meaning: 'Start `api` and what it needs.' }],
  exits: { '1': 'a service did not become ready; its last lines are shown' },
  needsDaemon: true,
  run: async (context) => {
    const { args, target, variables } = context;
    const timeoutMs = durationOption(args, 'timeout');
    await settle(context, {
      goal: 'up',
      open: (workbench) => workbench.start({ ...target, services: args.positionals, variables }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    return 0;
  },
};
