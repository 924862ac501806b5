/** `lo setup`: leave to serve names on 443 and 80 without a process of root's. */

import { LoopyardError } from '../../core/errors.ts';
import type { SetupReport } from '../../core/setup.ts';
import { SCHEMA_VERSION } from '../../core/status.ts';
import type { Command, Context } from '../command.ts';
import { printDoors, printStep } from '../view/setup-report.ts';
import { YES } from './shared.ts';

export const setup: Command = {
  usage: ['[--yes]', '--undo [--yes]', '[--undo] --dry-run'],
  description: [
    'Names are served on 443 and 80 where these ports can be had, else on 8443 and 8080. On Linux they take root unless the kernel is told otherwise: `lo setup` sets net.ipv4.ip_unprivileged_port_start to 80, now and after a restart, with one command that it shows first. Then the gateway tries its doors anew. No part of Loopyard ever runs as root for it.',
    'From then on every user of this machine may listen on ports from 80 on. Where that is not wanted, leave it: names work with their port, and systemd can hold 443 and pass it on (`systemd-socket-proxyd`, see docs/guide/names.md).',
  ],
  positionals: [],
  options: [
    YES,
    { name: 'undo', summary: 'Remove the file and set back what was before' },
    { name: 'dry-run', short: 'n', summary: 'Show what would be done and do nothing' },
  ],
  rest: null,
  examples: [
    { command: 'lo setup', meaning: 'Show the command, ask, run it.' },
    { command: 'lo setup --dry-run', meaning: 'Only show it.' },
    { command: 'lo setup --undo', meaning: 'As it was before.' },
  ],
  exits: { '0': 'it is as wished', '1': 'the answer was no', '3': 'it cannot be done, or failed' },
  needsDaemon: false,
  run: async (context) => {
    const { args, json, printer, aside } = context;
    const undo = args.flag('undo');
    const dryRun = args.flag('dry-run');
    const local = await import('../../daemon/local.ts');
    const step = (await local.lowPorts()).plan({ undo, variables: context.variables });
    if (!json || (context.canAsk && !dryRun && !args.flag('yes'))) printStep(json ? aside : printer, step);
    const report: SetupReport = {
      ...{ schema: SCHEMA_VERSION, undo, carriedOut: false, step: { ...step, error: null }, doors: [] },
    };
    if (dryRun) return conclude(context, report);
    if (step.state === 'impossible') throw failed(undo, step.why, step.fix);
    if (step.state === 'done') return conclude(context, report);
    const question = undo ? 'Set it back?' : 'Do this?';
    if (!(await context.confirm('changing the ports that need root', question))) return 1;
    const error = await local.carryOut(step.acts);
    if (error !== null)
      throw failed(undo, error, `repeat \`lo setup${undo ? ' --undo' : ''}\`, or run the command as root`);
    const workbench = await context.connectIfRunning();
    const doors = (await workbench?.doors({ reopen: true }))?.doors ?? [];
    return conclude(context, { ...report, carriedOut: true, doors });
  },
};

function conclude({ json, printer }: Context, report: SetupReport): number {
  if (json) printer.document(report);
  else if (report.carriedOut) printDoors(printer, report.doors);
  return 0;
}

function failed(undo: boolean, reason: string | null, fix: string | null): LoopyardError {
  const what = undo ? 'set back who may listen on low ports' : 'let names be served on 443 and 80';
  return new LoopyardError('SETUP_FAILED', {
    what,
    reason: reason ?? '',
    fix: fix ?? '`lo doctor` tells more',
  });
}
