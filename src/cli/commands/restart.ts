/** `lo restart`: stops and starts services; the config is read again first. */

import type { Command } from '../command.ts';
import { settle } from '../settle.ts';
import { durationOption, SERVICES, TIMEOUT } from './shared.ts';

export const restart: Command = {
  usage: ['[SERVICE…] [--timeout DURATION]'],
  description: [
    'Reads the config again, stops the services and starts them with what it says now; returns when they are ready.',
  ],
  positionals: [SERVICES],
  options: [TIMEOUT],
  rest: null,
  examples: [{ command: 'lo restart web', meaning: 'Restart one service after a change of its config.' }],
  exits: { '1': 'a service did not become ready; its last lines are shown' },
  needsDaemon: true,
  run: async (context) => {
    const { args, target, variables } = context;
    const timeoutMs = durationOption(args, 'timeout');
    await settle(context, {
      goal: 'up',
      // The wish to restart outlives a daemon: asked once more, services would restart twice.
      open: (workbench, again) =>
        workbench[again ? 'start' : 'restart']({ ...target, services: args.positionals, variables }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    });
    return 0;
  },
};
