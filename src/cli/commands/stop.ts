/** `lo stop`: stops the named services and nothing else. */

import type { Command } from '../command.ts';
import { settle } from '../settle.ts';
import { SERVICES } from './shared.ts';

export const stop: Command = {
  usage: ['[SERVICE…]'],
  description: ['Stops the named services. Those who need them stay up; `lo ps` shows what they miss.'],
  positionals: [SERVICES],
  options: [],
  rest: null,
  examples: [{ command: 'lo stop db', meaning: 'See how the rest bears the loss of its database.' }],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const { args, target } = context;
    await settle(context, {
      goal: 'down',
      open: (workbench) => workbench.stop({ ...target, services: args.positionals }),
    });
    return 0;
  },
};
