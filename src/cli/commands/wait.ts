/** `lo wait TARGET…`: returns when ports, addresses, URLs or services are open, or free. */

import type { Target } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { Holding, WaitReport } from '../../core/inspection.ts';
import type { Command, Context } from '../command.ts';
import { daemonOf, holdingsFrom } from '../inspection.ts';
import { showWait, type WaitProgress, waitResult } from '../view/wait-progress.ts';
import { durationOption } from './shared.ts';

const TIMEOUT_MS = 30_000;

export const wait: Command = {
  usage: ['TARGET… [--free] [--timeout DURATION]'],
  description: [
    'Waits until somebody listens at every TARGET, with `--free` until nobody does and the ports can be had. A port alone means 127.0.0.1 and ::1; either is enough to be open, both have to be free. A URL is open when it answers with a status below 400. A service of this directory’s environment is open when it is ready, and free when it has ended; one that fails ends the wait at once.',
    'The table of sockets is read first: it is knocked only where that does not tell, so that servers see no stray connections and no port of the ephemeral range answers itself. Only this machine is waited for: no other one is dialled, nor asked for a name.',
  ],
  positionals: [
    {
      name: 'TARGET',
      summary: 'A port, an address or a name with a port, a URL, or a service: `db`, `db.shop.localhost`',
      count: 'many',
      complete: 'services',
    },
  ],
  options: [
    { name: 'free', summary: 'Wait until the ports are free' },
    {
      name: 'timeout',
      value: 'DURATION',
      summary: 'Give up after so long, `5s`, `2m`; default: 30s; `0`: as long as it takes',
    },
  ],
  rest: null,
  examples: [
    { command: 'lo wait 3000 && npm test', meaning: 'Tests once the server listens.' },
    { command: 'lo wait 5432 6379 --timeout 2m', meaning: 'Until both are open.' },
    { command: 'lo wait http://localhost:3000/healthz', meaning: 'Until it answers well.' },
    { command: 'lo wait 5432 --free && postgres', meaning: 'A server once the port can be had.' },
    { command: 'lo wait db', meaning: 'Until a service is ready that another terminal brings up.' },
  ],
  exits: { '0': 'all are as wanted', '1': 'one was not so in time, or failed; the last reason is told' },
  needsDaemon: false,
  run: async (context) => {
    const { args } = context;
    const targets = [...new Set(args.positionals)];
    if (targets.length === 0)
      throw new LoopyardError('USAGE', {
        reason: 'TARGET is missing',
        fix: 'name what to wait for: `lo wait 3000`',
      });
    const timeoutMs = timeoutOf(context);
    const wanted = args.flag('free') ? 'free' : 'open';
    const waits = await Promise.all(targets.map((target) => preparedWait(context, target)));
    const reports = await all(context, waits, { wanted, timeoutMs });
    return reports.every(({ met }) => met) ? 0 : 1;
  },
};

/** Infinity: as long as it takes. Errors: USAGE. */
function timeoutOf({ args }: Context): number {
  const ms = args.text('timeout') === '0' ? 0 : (durationOption(args, 'timeout') ?? TIMEOUT_MS);
  return ms === 0 ? Number.POSITIVE_INFINITY : ms;
}

interface How {
  readonly wanted: WaitReport['wanted'];
  readonly timeoutMs: number;
}

interface Wait {
  /** As it is shown. */
  readonly text: string;
  until(how: How & { readonly signal: AbortSignal; onAttempt(why: string): void }): Promise<WaitReport>;
}

/** Whatever is wrong with the words is said before anything is waited for. */
async function preparedWait(context: Context, target: string): Promise<Wait> {
  if (isServiceName(target)) return await serviceWait(context, target, target, context.target);
  const local = await import('../../daemon/local.ts');
  const daemon = await daemonOf(context);
  const holdings = holdingsFrom(daemon?.workbench ?? null);
  const owner = target.endsWith('.localhost') ? await ownerOf(target, holdings) : undefined;
  if (owner !== undefined) {
    const environment = { directory: context.directory, environment: owner.environment.id };
    return await serviceWait(context, target, owner.service, environment);
  }
  const place = local.parseWaitTarget(target);
  return { text: place.text, until: (how) => local.waitFor(holdings, { ...how, target: place }) };
}

async function serviceWait(
  context: Context,
  text: string,
  service: string,
  environment: Target,
): Promise<Wait> {
  const { waitForService } = await import('../wait-service.ts');
  return { text, until: (how) => waitForService(context, { ...how, text, service, environment }) };
}

/** The service whose name this is. With a port it is a place like any other. */
async function ownerOf(
  name: string,
  holdings: ReturnType<typeof holdingsFrom>,
): Promise<Holding | undefined> {
  const all = await holdings();
  return all.find(
    ({ service, environment }) => `${service}.${environment.name}.localhost` === name.toLowerCase(),
  );
}

/** A word that is no address: a place has a port. */
function isServiceName(target: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(target) && target !== 'localhost';
}

/** One that is in vain settles it: the others tell how far they are, and end. */
async function all(context: Context, waits: readonly Wait[], how: How): Promise<readonly WaitReport[]> {
  const progress = showWait(
    context,
    waits.map(({ text }) => text),
    how.wanted,
  );
  const failed = new AbortController();
  try {
    const reports = await Promise.all(
      waits.map(async (wait) => {
        const report = await one(wait, how, progress, failed.signal);
        if (!report.met) failed.abort();
        if (context.json && waits.length > 1) context.printer.event(report);
        return report;
      }),
    );
    if (context.json && waits.length === 1) context.printer.document(reports[0]);
    progress.end();
    if (!context.json) context.printer.lines(reports.map(waitResult));
    return reports;
  } finally {
    failed.abort();
    progress.end();
  }
}

async function one(wait: Wait, how: How, progress: WaitProgress, signal: AbortSignal): Promise<WaitReport> {
  const onAttempt = (why: string): void => progress.take(wait.text, why);
  const report = await wait.until({ ...how, signal, onAttempt });
  progress.settle(wait.text);
  return report;
}
