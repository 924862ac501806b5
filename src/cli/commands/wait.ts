/** `lo wait TARGET`: returns when a port, an address, a URL or a service is open, or free. */

import type { WaitReport } from '../../core/inspection.ts';
import type { Command, Context } from '../command.ts';
import { daemonOf, holdingsFrom } from '../inspection.ts';
import { showWait, type WaitProgress, waitResult } from '../view/wait-progress.ts';
import { durationOption } from './shared.ts';

const TIMEOUT_MS = 60_000;

export const wait: Command = {
  usage: ['TARGET [--free] [--timeout DURATION]'],
  description: [
    'Waits until somebody listens at TARGET, with `--free` until nobody does and the port can be had. A port alone means 127.0.0.1 and ::1; either is enough to be open, both have to be free. A URL is open when it answers with a status below 400. A service of this directory’s environment is open when it is ready, and free when it has ended.',
    'On this machine the table of sockets is read first: it is knocked only where that does not tell, so that servers see no stray connections and no port of the ephemeral range answers itself. A name or an address of another machine is looked up and dialled.',
  ],
  positionals: [
    {
      name: 'TARGET',
      summary: 'A port, an address or a name with a port, a URL, or the name of a service',
      count: 'one',
      complete: 'services',
    },
  ],
  options: [
    { name: 'free', summary: 'Wait until the port is free' },
    {
      name: 'timeout',
      value: 'DURATION',
      summary: 'Give up after so long, `5s`, `2m`; default: 60s; `0s` looks once',
    },
  ],
  rest: null,
  examples: [
    { command: 'lo wait 3000 && npm test', meaning: 'Tests once the server listens.' },
    { command: 'lo wait http://localhost:3000/healthz --timeout 2m', meaning: 'Until it answers well.' },
    { command: 'lo wait 5432 --free && postgres', meaning: 'A server once the port can be had.' },
    { command: 'lo wait db', meaning: 'Until a service is ready that another terminal brings up.' },
  ],
  exits: { '0': 'it is as wanted', '1': 'it was not so in time; the last reason is told' },
  needsDaemon: false,
  run: async (context) => {
    const { args, json, printer } = context;
    const target = args.positionals[0] ?? '';
    const timeoutMs = durationOption(args, 'timeout') ?? TIMEOUT_MS;
    const wanted = args.flag('free') ? 'free' : 'open';
    const report = await waiting(context, target, { wanted, timeoutMs });
    if (json) printer.document(report);
    else printer.line(waitResult(report));
    return report.met ? 0 : 1;
  },
};

interface How {
  readonly wanted: WaitReport['wanted'];
  readonly timeoutMs: number;
}

async function waiting(context: Context, target: string, how: How): Promise<WaitReport> {
  if (isServiceName(target)) {
    const { waitForService } = await import('../wait-service.ts');
    return await shown(context, target, how, (progress) =>
      waitForService(context, { ...how, service: target, onAttempt: (why) => progress.take(why) }),
    );
  }
  const local = await import('../../daemon/local.ts');
  const place = local.parseWaitTarget(target);
  const daemon = await daemonOf(context);
  const holdings = holdingsFrom(daemon?.workbench ?? null);
  return await shown(context, place.text, how, (progress) =>
    local.waitFor(holdings, { ...how, target: place, onAttempt: (why) => progress.take(why) }),
  );
}

/** A word that is no address: a place has a port. */
function isServiceName(target: string): boolean {
  return /^[a-z][a-z0-9-]*$/.test(target) && target !== 'localhost';
}

async function shown(
  context: Context,
  target: string,
  { wanted }: How,
  work: (progress: WaitProgress) => Promise<WaitReport>,
): Promise<WaitReport> {
  const progress = showWait(context, target, wanted);
  try {
    return await work(progress);
  } finally {
    progress.end();
  }
}
