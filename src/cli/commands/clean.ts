/** `lo clean`: frees what environments hold whose checkout is gone. */

import { type EnvironmentSummary, SCHEMA_VERSION } from '../../core/status.ts';
import { formatSize } from '../../core/units.ts';
import type { Command, Context } from '../command.ts';
import { safe } from '../printer/text.ts';

export const clean: Command = {
  usage: ['[--dry-run]'],
  description: [
    'Removes data, logs and addresses of environments that do not run and whose checkout no longer exists. What runs, or still has its files, is kept.',
  ],
  positionals: [],
  options: [{ name: 'dry-run', summary: 'Only say what would be removed' }],
  rest: null,
  examples: [
    { command: 'lo clean --dry-run', meaning: 'What would go.' },
    { command: 'lo clean', meaning: 'After `git worktree remove`.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    if (context.args.flag('dry-run')) return await dryRun(context);
    const { printer } = context;
    const workbench = await context.connect();
    const report = await workbench.clean();
    if (context.json) {
      printer.document(report);
      return 0;
    }
    for (const one of report.removed) printer.line(`removed ${safe(one.name)} (${safe(one.path)})`);
    const count = report.removed.length === 1 ? '1 environment' : `${report.removed.length} environments`;
    printer.line(
      report.removed.length === 0
        ? 'Nothing to clean: every environment has its checkout, or runs.'
        : `${count} removed, ${formatSize(report.bytes)} freed`,
    );
    return 0;
  },
};

/** Looked up in the list of all, which changes nothing. */
async function dryRun(context: Context): Promise<number> {
  const { printer } = context;
  const workbench = await context.connect();
  const { environments } = await workbench.ls();
  const gone = environments.filter((environment) => !environment.exists && !runs(environment));
  const would = gone.map(({ id, name, path }) => ({ id, name, path }));
  if (context.json) printer.document({ schema: SCHEMA_VERSION, would });
  else if (would.length === 0) printer.line('Nothing to clean.');
  else for (const one of would) printer.line(`would remove ${safe(one.name)} (${safe(one.path)})`);
  return 0;
}

function runs({ services }: EnvironmentSummary): boolean {
  const { starting = 0, running = 0, ready = 0, unready = 0, stopping = 0 } = services;
  return starting + running + ready + unready + stopping > 0;
}
