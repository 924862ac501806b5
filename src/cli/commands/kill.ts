/** `lo kill PORT`: ends what listens on a port, and nothing else. */

import type { Workbench } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { KillReport, KillStep, ServiceRef } from '../../core/inspection.ts';
import type { Command, Context } from '../command.ts';
import { daemonOf, oursFrom } from '../inspection.ts';
import { notReady } from '../settle.ts';
import { printComeback, printEnded, printPlan } from '../view/kill-report.ts';
import { listText, stepText, whatText } from '../view/kill-words.ts';
import { durationOption, YES } from './shared.ts';

const GRACE_MS = 5000;

export const kill: Command = {
  usage: ['PORT… [--yes]', 'ADDRESS:PORT [--yes]', 'PORT --dry-run'],
  description: [
    'Ends what listens on a port: the process that opened it, never a client of it, and not its whole process group. It shows first what it will end and why that runs, and asks. A service is stopped through its supervisor, a container or a systemd unit through the command of its manager.',
    'The process gets SIGTERM, and SIGKILL when the port is not free after --grace. Then it looks for two seconds whether somebody starts it again, and names who did.',
    'It refuses pid 1, itself and what it runs in, processes of other users, and a process that has other listeners too; each time it says what to do instead.',
  ],
  positionals: [
    { name: 'PORT', summary: 'A port, or an address with it: `127.0.0.1:3000`', count: 'many', complete: [] },
  ],
  options: [
    YES,
    { name: 'dry-run', short: 'n', summary: 'Show what would be ended, and end nothing' },
    { name: 'force', summary: 'End a process although it has other listeners' },
    {
      name: 'grace',
      value: 'DURATION',
      summary: 'Time between SIGTERM and SIGKILL; default: 5s, `0s` kills at once',
    },
    { name: 'address', value: 'ADDRESS', summary: 'Only what listens on exactly this address' },
    { name: 'udp', summary: 'UDP sockets instead of TCP listeners' },
  ],
  rest: null,
  examples: [
    { command: 'lo kill 3000', meaning: 'Show what listens there, ask, end it.' },
    { command: 'lo kill 3000 5173 --yes', meaning: 'Two ports, without asking.' },
    { command: 'lo kill 127.0.0.1:3000 --dry-run', meaning: 'What would be ended on this address alone.' },
  ],
  exits: {
    '0': 'the ports are free, or would be with --dry-run',
    '1': 'nothing listens, a port is still taken or taken again, or the answer was no',
    '3': 'all that listens is refused',
  },
  needsDaemon: false,
  run: async (context) => {
    const { args } = context;
    if (args.positionals.length === 0)
      throw new LoopyardError('USAGE', { reason: 'no port is given', fix: 'name one: `lo kill 3000`' });
    const local = await import('../../daemon/local.ts');
    const targets = args.positionals.map((text) =>
      local.parseTarget(text, args.flag('udp') ? 'udp' : 'tcp', args.all('address')),
    );
    const graceMs = durationOption(args, 'grace') ?? GRACE_MS;
    const workbench = await ownWorkbench(context);
    const killer = local.killer(oursFrom(workbench));
    const plans = await killer.plan(targets, args.flag('force'));
    if (plans.every(({ nothing }) => nothing !== null)) throw nothingListens(plans);
    const before = plans.map((plan) => local.untouched(plan));
    if (args.flag('dry-run')) return dryRun(context, before);
    const steps = before.flatMap((report) => report.steps);
    if (steps.every(({ kind }) => kind === 'refused')) throw refused(before);
    if (!(await agreed(context, before))) return 1;
    const options = { graceMs, stopService: (service: ServiceRef) => stopService(workbench, service) };
    const carried: Carried[] = [];
    for (const plan of plans) {
      const one = await killer.carryOut(plan, options);
      if (!context.json) printEnded(context.printer, one.report);
      // Awaited below; until then the other ports have their turn.
      one.settled.catch(() => undefined);
      carried.push(one);
    }
    return await conclude(context, carried);
  },
};

interface Carried {
  readonly report: KillReport;
  readonly settled: Promise<KillReport>;
}

/** Null: none runs, or what it knows is of another network or other processes than ours. */
async function ownWorkbench(context: Context): Promise<Workbench | null> {
  const daemon = await daemonOf(context);
  return daemon !== null && context.world.seesTheSame(daemon.info) ? daemon.workbench : null;
}

interface Empty {
  readonly target: { readonly port: number; readonly addresses: readonly string[] | null };
  readonly nothing: { readonly more: string; readonly next: string } | null;
}

function nothingListens(all: readonly Empty[]): LoopyardError {
  const [first, ...others] = all;
  const place = listText(all.map(({ target }) => placeText(target)));
  const near = others.length === 0 ? first?.nothing : null;
  const { more, next } = near ?? { more: '', next: 'lo ports' };
  return new LoopyardError('NOTHING_LISTENS', { place, more, next });
}

function placeText({ port, addresses }: Empty['target']): string {
  const places = addresses?.map((address) =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`,
  );
  return places === undefined ? `port ${port}` : listText(places);
}

/** The first reason is the error; the others stand above it. */
function refused(reports: readonly KillReport[]): LoopyardError {
  const all = reports.flatMap(({ port, steps }) => steps.map((step) => ({ port, step })));
  const [first, ...others] = all;
  const step = first?.step;
  const fix = step?.kind === 'refused' ? step.fix : null;
  return new LoopyardError(
    'KILL_REFUSED',
    {
      place: `port ${listText([...new Set(all.map(({ port }) => String(port)))])}`,
      reason: step?.kind === 'refused' ? step.why : '',
      fix: fix === null ? `\`lo why ${first?.port}\` tells more` : `if you want it all the same: \`${fix}\``,
    },
    others.map((other) => `port ${other.port}: ${stepText(other.step)}`),
  );
}

function dryRun({ json, printer }: Context, reports: readonly KillReport[]): number {
  if (json) printJson(printer, reports);
  else for (const report of reports) printPlan(printer, report);
  const steps: readonly KillStep[] = reports.flatMap((report) => report.steps);
  return reports.every((report) => report.steps.length > 0) && steps.every(({ kind }) => kind !== 'refused')
    ? 0
    : 1;
}

/** The plan is shown to whoever is asked; beside a JSON document it goes to standard error. */
async function agreed(context: Context, reports: readonly KillReport[]): Promise<boolean> {
  const { args, json, printer, aside, canAsk } = context;
  const what = whatText(reports.flatMap(({ steps }) => steps));
  const isShown = !json || (canAsk && !args.flag('yes'));
  if (isShown) for (const report of reports) printPlan(json ? aside : printer, report);
  return await context.confirm(`ending ${what}`, `End ${what}?`);
}

/** Errors: those of the stream; NOT_READY when it does not stop. */
async function stopService(workbench: Workbench | null, service: ServiceRef): Promise<void> {
  if (workbench === null) throw new Error('a service is known without a daemon that knows it');
  const { environment, name } = service;
  const request = { directory: environment.path, environment: environment.id, services: [name] };
  for await (const event of workbench.stop(request))
    if (event.type === 'settled' && !event.outcome.good) throw notReady(event.outcome);
}

async function conclude({ json, printer }: Context, carried: readonly Carried[]): Promise<number> {
  const reports: KillReport[] = [];
  for (const { report, settled } of carried) {
    const later = await settled;
    reports.push(later);
    if (!json) printComeback(printer, later, report.free);
  }
  if (json) printJson(printer, reports);
  return reports.every(({ free, steps }) => free && steps.length > 0) ? 0 : 1;
}

function printJson(printer: Context['printer'], reports: readonly KillReport[]): void {
  const [only, ...more] = reports;
  if (more.length === 0) printer.document(only);
  else for (const report of reports) printer.event(report);
}
