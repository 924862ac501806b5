/** `lo reset`: stops a service and wipes its data. */

import type { Command } from '../command.ts';
import { ONE_SERVICE, YES } from './shared.ts';

export const reset: Command = {
  usage: ['SERVICE [--yes]'],
  description: [
    'Stops the service and removes everything in its data directory: a database starts from nothing again. It asks first.',
  ],
  positionals: [ONE_SERVICE],
  options: [YES],
  rest: null,
  examples: [
    { command: 'lo reset db && lo start db', meaning: 'A fresh database.' },
    { command: 'lo reset db --yes', meaning: 'Without asking, for scripts.' },
  ],
  exits: { '1': 'the answer was no' },
  needsDaemon: true,
  run: async (context) => {
    const { args, target, variables, printer, json } = context;
    const [service = ''] = args.positionals;
    const question = `Stop ${service} and remove all of its data?`;
    if (!(await context.confirm(`wiping the data of ${service}`, question))) return 1;
    const workbench = await context.connect();
    const status = await workbench.reset({ ...target, service, variables });
    if (json) printer.document(status);
    else printer.line(`${service} is stopped and its data is gone; \`lo start ${service}\` starts it anew`);
    return 0;
  },
};
