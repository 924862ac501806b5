/**
 * `lo` alone: this environment, else what listens on this machine and what to do first. It must not start anything where there is no
 * project.
 */

import type { Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import type { PortsReport } from '../core/inspection.ts';
import { type EnvironmentStatus, SCHEMA_VERSION } from '../core/status.ts';
import type { Context } from './command.ts';
import { printStatus } from './view/status-table.ts';

export async function welcome(context: Context): Promise<number> {
  const { findConfig } = await import('../config/find-config.ts');
  const { target } = context;
  const config = target.file ?? (await findConfig(context.directory));
  const workbench = config === null ? await context.connectIfRunning() : await context.connect();
  const status = workbench === null ? null : await statusIfKnown(context, workbench);
  const report = status === null && config === null ? await listenersIfSeen(context) : null;
  if (context.json) printDocument(context, status, config, report);
  else if (status !== null) printStatus(context.printer, status, context.world.now());
  else if (config !== null) printNotStarted(context, config);
  else await printFirstSteps(context, report);
  return 0;
}

/** Null where this system cannot be looked at, which is no reason to keep the first steps back. */
async function listenersIfSeen(context: Context): Promise<PortsReport | null> {
  const { inspectorFor } = await import('./inspection.ts');
  try {
    const inspector = await inspectorFor(context);
    return await inspector.ports({ all: false });
  } catch (error) {
    // `lo ports` says what went wrong.
    if (error instanceof LoopyardError) return null;
    throw error;
  }
}

async function statusIfKnown(context: Context, workbench: Workbench): Promise<EnvironmentStatus | null> {
  try {
    return await workbench.ps(context.target);
  } catch (error) {
    if (error instanceof LoopyardError && error.code === 'ENVIRONMENT_NOT_FOUND') return null;
    throw error;
  }
}

function printDocument(
  context: Context,
  status: EnvironmentStatus | null,
  config: string | null,
  report: PortsReport | null,
): void {
  const nothing = { schema: SCHEMA_VERSION, environment: null, config, services: [] };
  const seen = report === null ? {} : { listeners: report.listeners, unseen: report.unseen };
  context.printer.document(status ?? { ...nothing, ...seen });
}

function printNotStarted(context: Context, config: string): void {
  const { printer } = context;
  printer.line(`${config} was not started yet.`);
  printer.line();
  printer.line('  lo up     start it and follow its logs');
  printer.line('  lo help   all commands');
}

async function printFirstSteps(context: Context, report: PortsReport | null): Promise<void> {
  const { printer } = context;
  printer.line(
    `${printer.paint('Loopyard', 'bold')} runs the services of a project, each on its own loopback address.`,
  );
  printer.line('There is no loopyard.yaml here or above.');
  printer.line();
  if (report !== null) {
    const { printFewPorts } = await import('./view/ports-few.ts');
    printFewPorts(printer, report);
    printer.line();
  }
  printer.line('  lo init                 write one from package.json or a Procfile');
  printer.line('  lo run --use postgres   run a database without any file');
  printer.line('  lo run -- npm start     run one command the same way');
  printer.line('  lo ports                all that listens here; lo why 3000 tells of one port');
  printer.line('  lo ls                   what runs elsewhere');
  printer.line('  lo help                 all commands');
}
