/**
 * `lo daemon`: runs the daemon in the foreground, shows it, ends it. Other commands start one by themselves; this is for those who
 * want to see or replace it.
 */

import { existsSync, readdirSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { currentHome } from '../../client/home.ts';
import { LoopyardError } from '../../core/errors.ts';
import { gatewayPaths } from '../../core/paths.ts';
import { type DaemonInfo, SCHEMA_VERSION } from '../../core/status.ts';
import { formatDuration } from '../../core/units.ts';
import { usage } from '../args.ts';
import type { Command, Context } from '../command.ts';
import { runDaemonHere } from '../daemon-process.ts';

/** So long may a daemon take to be gone after it said that it ends. */
const END_TIMEOUT_MS = 10_000;
/** And so long its pid after it answers no more. */
const REAPED_WITHIN_MS = 500;

const USAGE = ['', 'status', 'stop [--all]'];

export const daemon: Command = {
  usage: USAGE,
  description: [
    'Every command that needs a daemon starts one, and it stays until it is stopped. `lo daemon` runs one in the foreground instead.',
    '`lo daemon stop` ends it and leaves all services running: the next daemon adopts them. With `--all` it stops every service of every environment first.',
  ],
  positionals: [
    {
      name: 'ACTION',
      summary: '`status` or `stop`; without one the daemon runs here until Ctrl-C',
      count: 'optional',
      complete: ['status', 'stop'],
    },
  ],
  options: [{ name: 'all', summary: 'With `stop`: stop every service first' }],
  rest: null,
  examples: [
    {
      command: 'lo daemon status --json',
      meaning: 'Its pid, version, socket and log; exit code 1 when there is none.',
    },
    { command: 'lo daemon stop --all', meaning: 'Leave nothing running.' },
  ],
  exits: { '1': '`status`: no daemon runs' },
  needsDaemon: true,
  run: async (context) => {
    const [action] = context.args.positionals;
    const all = context.args.flag('all');
    if (all && action !== 'stop') throw usage('--all belongs to `stop`', { name: 'daemon', usage: USAGE });
    if (action === undefined) return await runDaemonHere(context);
    if (action === 'status') return await status(context);
    if (action === 'stop') return await stop(context, all);
    throw usage(`\`${action}\` is neither \`status\` nor \`stop\``, { name: 'daemon', usage: USAGE });
  },
};

async function status(context: Context): Promise<number> {
  const { printer, json } = context;
  const workbench = await context.connectIfRunning();
  if (workbench === null) {
    const { socket } = currentHome(context.variables);
    if (json) printer.document({ schema: SCHEMA_VERSION, pid: null, socket });
    else printer.line(`No daemon runs. Its socket would be ${socket}`);
    return 1;
  }
  const info = await workbench.info();
  if (json) printer.document(info);
  else printInfo(context, info);
  return 0;
}

function printInfo(context: Context, info: DaemonInfo): void {
  const { printer, world } = context;
  const age = formatDuration(world.now() - Date.parse(info.started));
  const environments = info.environments === 1 ? '1 environment' : `${info.environments} environments`;
  printer.line(`pid ${info.pid}, version ${info.version} (${info.build}), up for ${age}`);
  printer.line(`${environments}, ${info.running} running`);
  printer.line(`home    ${info.home}`);
  printer.line(`socket  ${info.socket}`);
  printer.line(`log     ${info.log}`);
}

async function stop(context: Context, all: boolean): Promise<number> {
  const { printer, json } = context;
  // Services live on without a daemon: to stop those, one has to adopt them first.
  const home = currentHome(context.variables);
  const orphans = all && (hasEnvironments(home.environments) || existsSync(gatewayPaths(home).socket));
  const workbench = (await context.connectIfRunning()) ?? (orphans ? await context.connect() : null);
  if (workbench === null) {
    if (json) printer.document({ schema: SCHEMA_VERSION, stopped: false });
    else printer.line('No daemon runs.');
    return 0;
  }
  const info = await workbench.shutdown({ all });
  await gone(context, info);
  if (json) printer.document({ schema: SCHEMA_VERSION, stopped: true, pid: info.pid });
  else {
    const left = all ? 'every service is stopped' : `services left running: ${info.running}`;
    printer.line(`Daemon ${info.pid} ended; ${left}.`);
  }
  return 0;
}

/** It is no child of ours, so its end has no event: look, with growing pauses. */
async function gone(context: Context, info: DaemonInfo): Promise<void> {
  const deadline = Date.now() + END_TIMEOUT_MS;
  for (let pause = 2; (await context.connectIfRunning()) !== null; pause = Math.min(100, pause * 1.5)) {
    if (Date.now() > deadline) {
      const reason = `it said that it ends, but pid ${info.pid} still answers`;
      throw new LoopyardError('DAEMON_UNREACHABLE', { reason, log: info.log });
    }
    await delay(pause);
  }
  // Where nobody reaps orphans its pid stays: then the wait is over all the same.
  const reaped = Date.now() + REAPED_WITHIN_MS;
  while (isAlive(info.pid) && Date.now() < reaped) await delay(5);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // ESRCH: gone. EPERM cannot be, it is this user's own.
    return false;
  }
}

function hasEnvironments(directory: string): boolean {
  try {
    return readdirSync(directory).length > 0;
  } catch {
    // No state yet.
    return false;
  }
}
