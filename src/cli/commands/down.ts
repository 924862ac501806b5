/** `lo down`: stops services in reverse order of their needs. */

import type { Command } from '../command.ts';
import { settle } from '../settle.ts';
import { SERVICES, YES } from './shared.ts';

export const down: Command = {
  usage: ['[SERVICE…] [--force]', '--forget [--yes]'],
  description: [
    'Stops the services and every process that they started, in reverse order of their needs: each gets its stop signal and its grace, then SIGKILL.',
    'The environment keeps its addresses, its data and its logs. `--forget` gives them up; that cannot be taken back, so it asks.',
  ],
  positionals: [SERVICES],
  options: [
    { name: 'force', summary: 'End everything at once: no order, no grace' },
    { name: 'forget', summary: 'Free the addresses, remove data and logs' },
    YES,
  ],
  rest: null,
  examples: [
    { command: 'lo down', meaning: 'Stop this environment.' },
    { command: 'lo down web', meaning: 'Stop one service and leave the others.' },
    { command: 'lo down --forget --yes', meaning: 'Stop it and leave nothing behind, without asking.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const { args, target, printer } = context;
    const forget = args.flag('forget');
    const workbench = await context.connect();
    if (forget) {
      const { environment } = await workbench.ps(target);
      const question = `Remove data, logs and addresses of ${environment.name} (${environment.path})?`;
      if (!(await context.confirm('forgetting an environment', question))) return 1;
    }
    const services = args.positionals;
    const force = args.flag('force');
    const board = await settle(context, {
      goal: 'down',
      open: (daemon) => daemon.down({ ...target, services, force, forget }),
    });
    if (!context.json) {
      const what = services.length === 0 ? (board.status?.project ?? 'everything') : services.join(', ');
      printer.line(forget ? `${what} is stopped and forgotten` : `${what} is stopped`);
    }
    return 0;
  },
};
