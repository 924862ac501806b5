/** `lo reset`: stops a service and wipes its data. */

import type { Target, Workbench } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import { suggest } from '../../core/suggest.ts';
import type { Command } from '../command.ts';
import { safe } from '../printer/text.ts';
import { ONE_SERVICE, YES } from './shared.ts';

export const reset: Command = {
  usage: ['SERVICE [--yes]'],
  description: [
    'Stops the service and removes everything in its data directory: a database starts from nothing again. It asks first, and names the directory.',
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
    const workbench = await context.connect();
    const data = await dataOf(workbench, target, service);
    const question = `Stop ${service} and remove everything in ${safe(data)}?`;
    if (!(await context.confirm(`wiping the data of ${service} in ${data}`, question))) return 1;
    const status = await workbench.reset({ ...target, service, variables });
    if (json) printer.document(status);
    else printer.line(`${service} is stopped and its data is gone; \`lo start ${service}\` starts it anew`);
    return 0;
  },
};

/** Errors: SERVICE_UNKNOWN, before anything is asked. */
async function dataOf(workbench: Workbench, target: Target, name: string): Promise<string> {
  const { services } = await workbench.ps(target);
  const found = services.find((service) => service.name === name);
  if (found !== undefined) return found.data;
  const names = services.map((service) => service.name);
  const near = suggest(name, names);
  const fix = near === undefined ? `the services are: ${names.join(', ')}` : `did you mean \`${near}\`?`;
  throw new LoopyardError('SERVICE_UNKNOWN', { service: name, fix });
}
