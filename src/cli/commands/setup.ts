/** `lo setup`: leave to serve names on 443 and 80 without a process of root's. */

import { LoopyardError } from '../../core/errors.ts';
import type { Door } from '../../core/gateway.ts';
import type { SetupReport } from '../../core/setup.ts';
import { SCHEMA_VERSION } from '../../core/status.ts';
import type { MachineStep } from '../../core/trust.ts';
import type { Command, Context } from '../command.ts';
import { printDoors, printStep } from '../view/setup-report.ts';
import { YES } from './shared.ts';

export const setup: Command = {
  usage: ['[--hosts] [--yes]', '[--hosts] --undo [--yes]', '[--hosts] [--undo] --dry-run'],
  description: [
    'Names are served on 443 and 80 where these ports can be had, else on 8443 and 8080. On Linux they take root unless the kernel is told otherwise: `lo setup` sets net.ipv4.ip_unprivileged_port_start to 80, now and after a restart, with one command that it shows first. Then the gateway tries its doors anew. No part of Loopyard ever runs as root for it.',
    'From then on every user of this machine may listen on ports from 80 on. Where that is not wanted, leave it: names work with their port, and systemd can hold 443 and pass it on (`systemd-socket-proxyd`, see docs/guide/names.md).',
    '`--hosts` is about another thing: it writes the names of services and aliases into the hosts file, each for 127.0.0.1 and ::1, in a block of its own, for programs whose resolver does not know names below `.localhost`. `lo doctor` tells whether there are any here. Repeat it when there are new names.',
  ],
  positionals: [],
  options: [
    YES,
    { name: 'hosts', summary: 'The names in the hosts file, instead of the ports' },
    { name: 'undo', summary: 'Take it back: as it was before' },
    { name: 'dry-run', short: 'n', summary: 'Show what would be done and do nothing' },
  ],
  rest: null,
  examples: [
    { command: 'lo setup', meaning: 'Show the command, ask, run it.' },
    { command: 'lo setup --dry-run', meaning: 'Only show it.' },
    { command: 'lo setup --undo', meaning: 'As it was before.' },
    { command: 'lo setup --hosts', meaning: 'Names for programs that cannot look them up.' },
  ],
  exits: { '0': 'it is as wished', '1': 'the answer was no', '3': 'it cannot be done, or failed' },
  needsDaemon: false,
  run: async (context) => {
    const { args, json, printer, aside, variables } = context;
    const undo = args.flag('undo');
    const dryRun = args.flag('dry-run');
    const local = await import('../../daemon/local.ts');
    const step = args.flag('hosts')
      ? await local.planHosts(undo, variables)
      : (await local.lowPorts()).plan({ undo, variables });
    if (!json || (context.canAsk && !dryRun && !args.flag('yes'))) printStep(json ? aside : printer, step);
    if (dryRun || step.state === 'done') return conclude(context, step, null);
    return await apply(context, step, local.carryOut);
  },
};

/** Errors: SETUP_FAILED, NEEDS_CONFIRMATION. */
async function apply(
  context: Context,
  step: MachineStep,
  carryOut: (acts: MachineStep['acts']) => Promise<string | null>,
): Promise<number> {
  const undo = context.args.flag('undo');
  const hosts = context.args.flag('hosts');
  const wish = hosts ? HOSTS : PORTS;
  const what = undo ? wish.undone : wish.done;
  if (step.state === 'impossible') throw failed(what, step.why, step.fix);
  if (!(await context.confirm(wish.asks, undo ? 'Set it back?' : 'Do this?'))) return 1;
  const error = await carryOut(step.acts);
  const again = `lo setup${hosts ? ' --hosts' : ''}${undo ? ' --undo' : ''}`;
  if (error !== null) throw failed(what, error, `repeat \`${again}\`, or run the command as root`);
  if (hosts) return conclude(context, step, []);
  const workbench = await context.connectIfRunning();
  return conclude(context, step, (await workbench?.doors({ reopen: true }))?.doors ?? []);
}

/** What can be set up, in words. */
interface Wish {
  readonly asks: string;
  readonly done: string;
  readonly undone: string;
}

const PORTS: Wish = {
  asks: 'changing the ports that need root',
  done: 'let names be served on 443 and 80',
  undone: 'set back who may listen on low ports',
};

const HOSTS: Wish = {
  asks: 'changing the hosts file',
  done: 'write names into the hosts file',
  undone: 'take names out of the hosts file',
};

/** `doors`: where names are served afterwards; null: nothing was done. */
function conclude(
  { args, json, printer }: Context,
  step: MachineStep,
  doors: readonly Door[] | null,
): number {
  const report: SetupReport = {
    schema: SCHEMA_VERSION,
    undo: args.flag('undo'),
    carriedOut: doors !== null,
    step: { ...step, error: null },
    doors: doors ?? [],
  };
  if (json) printer.document(report);
  else if (doors !== null && args.flag('hosts')) printer.line('done');
  else if (doors !== null) printDoors(printer, doors);
  return 0;
}

function failed(what: string, reason: string | null, fix: string | null): LoopyardError {
  return new LoopyardError('SETUP_FAILED', {
    what,
    reason: reason ?? '',
    fix: fix ?? '`lo doctor` tells more',
  });
}
