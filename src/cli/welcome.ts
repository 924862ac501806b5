/** `lo` alone: this environment, or what to do first. It must not start anything where there is no project. */

import type { Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import { type EnvironmentStatus, SCHEMA_VERSION } from '../core/status.ts';
import type { Context } from './command.ts';
import { printStatus } from './view/status-table.ts';

export async function welcome(context: Context): Promise<number> {
  const { findConfig } = await import('../config/find-config.ts');
  const { target } = context;
  const config = target.file ?? (await findConfig(context.directory));
  const workbench = config === null ? await context.connectIfRunning() : await context.connect();
  const status = workbench === null ? null : await statusIfKnown(context, workbench);
  if (context.json) printDocument(context, status, config);
  else if (status !== null) printStatus(context.printer, status, context.world.now());
  else if (config !== null) printNotStarted(context, config);
  else printFirstSteps(context);
  return 0;
}

async function statusIfKnown(context: Context, workbench: Workbench): Promise<EnvironmentStatus | null> {
  try {
    return await workbench.ps(context.target);
  } catch (error) {
    if (error instanceof LoopyardError && error.code === 'ENVIRONMENT_NOT_FOUND') return null;
    throw error;
  }
}

function printDocument(context: Context, status: EnvironmentStatus | null, config: string | null): void {
  context.printer.document(status ?? { schema: SCHEMA_VERSION, environment: null, config, services: [] });
}

function printNotStarted(context: Context, config: string): void {
  const { printer } = context;
  printer.line(`${config} was not started yet.`);
  printer.line();
  printer.line('  lo up     start it and follow its logs');
  printer.line('  lo help   all commands');
}

function printFirstSteps(context: Context): void {
  const { printer } = context;
  printer.line(
    `${printer.paint('Loopyard', 'bold')} runs the services of a project, each on its own loopback address.`,
  );
  printer.line('There is no loopyard.yaml here or above.');
  printer.line();
  printer.line('  lo init                 write one from package.json or a Procfile');
  printer.line('  lo run --use postgres   run a database without any file');
  printer.line('  lo run -- npm start     run one command the same way');
  printer.line('  lo ls                   what runs elsewhere');
  printer.line('  lo help                 all commands');
}
