/** `lo exec`: a command with the variables and the directory of a service. */

import { usage } from '../args.ts';
import { runChild } from '../child.ts';
import type { Command } from '../command.ts';
import { ONE_SERVICE } from './shared.ts';

const USAGE = ['SERVICE -- CMD [ARG…]'];

export const exec: Command = {
  usage: USAGE,
  description: [
    'Runs the command here, in this terminal, with what the service’s own program is given: its variables, its directory, node_modules/.bin on PATH. The service need not run.',
  ],
  positionals: [ONE_SERVICE],
  options: [],
  rest: 'CMD',
  examples: [
    { command: 'lo exec api -- npm run migrate', meaning: 'A script against the same database.' },
    { command: 'lo exec api -- sh', meaning: 'A shell that sees what `api` sees.' },
  ],
  exits: {
    '125': 'Loopyard itself failed',
    '126': 'the command cannot be run',
    '127': 'the command was not found',
    others: 'the command’s own; 128 + the number of the signal that ended it',
  },
  needsDaemon: true,
  run: async (context) => {
    const { args, target, variables } = context;
    const { pid } = context.world;
    if (args.rest === null || args.rest.length === 0) {
      throw usage('the command to run is missing', { name: 'exec', usage: USAGE });
    }
    const workbench = await context.connect();
    const given = await workbench.env({ ...target, service: args.positionals[0] ?? '', variables, pid });
    return await runChild(context, { argv: args.rest, cwd: given.cwd, variables: given.variables });
  },
};
