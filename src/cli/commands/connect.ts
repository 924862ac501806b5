/** `lo connect`: the service's own client, such as psql or redis-cli. */

import { runChild } from '../child.ts';
import type { Command } from '../command.ts';
import { shownVariables } from '../redact.ts';
import { ONE_SERVICE } from './shared.ts';

export const connect: Command = {
  usage: ['SERVICE [-- ARG…]'],
  description: [
    'Opens the client that belongs to the service’s recipe with address, user and database filled in. What stands behind `--` is handed to it. When it is not installed the error names the package.',
  ],
  positionals: [ONE_SERVICE],
  options: [],
  rest: 'ARG',
  examples: [
    { command: 'lo connect db', meaning: 'A psql session.' },
    { command: 'lo connect db -- -c "select count(*) from users"', meaning: 'One query.' },
    { command: 'lo connect db --json', meaning: 'The command line instead of running it.' },
  ],
  exits: { others: 'the client’s own' },
  needsDaemon: true,
  run: async (context) => {
    const { args, target, variables, json, printer, world } = context;
    const workbench = await context.connect();
    const request = { ...target, service: args.positionals[0] ?? '', variables };
    const client = await workbench.connect(json ? request : { ...request, pid: world.pid });
    const argv = [...client.argv, ...(args.rest ?? [])];
    if (json) {
      printer.document({ ...client, argv, variables: shownVariables(client.variables, context).shown });
      return 0;
    }
    return await runChild(context, { argv, cwd: context.directory, variables: client.variables });
  },
};
