/** `lo ps`: the services of one environment. */

import type { Command } from '../command.ts';
import { printStatus } from '../view/status-table.ts';

export const ps: Command = {
  usage: [''],
  description: [
    'Shows each service of this directory’s environment: its state, where it is reached, its process, since when it is in that state, and why.',
    '`ready` is proven (a connection, a health check, a line of output); `running` means that there is nothing to prove.',
  ],
  positionals: [],
  options: [],
  rest: null,
  examples: [
    { command: 'lo ps', meaning: 'The services of the environment here or above.' },
    {
      command: 'lo ps --json | jq -r .services[].endpoints[].url',
      meaning: 'Every URL, for a script.',
    },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const workbench = await context.connect();
    const status = await workbench.ps(context.target);
    if (context.json) context.printer.document(status);
    else printStatus(context.printer, status, context.world.now());
    return 0;
  },
};
