/** `lo run`: one command or recipe without a config file, for as long as this command lives. */

import { constants } from 'node:os';
import type { UpRequest } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { ServiceStatus } from '../../core/status.ts';
import { usage } from '../args.ts';
import type { Command, Context } from '../command.ts';
import { inlineProject } from '../inline-project.ts';
import { Session } from '../session.ts';
import { hasEnded } from '../view/board.ts';
import { endpointText } from '../view/service-text.ts';
import { countOption } from './shared.ts';

const USAGE = [
  '[--port N] [--name NAME] -- CMD [ARG…]',
  '--use RECIPE [--with KEY=VALUE…] [--port N] [--name NAME]',
];

export const run: Command = {
  usage: USAGE,
  description: [
    'Runs one command, or one recipe such as postgres, as a service on its own loopback address; no file is needed. Its output comes as it is, on standard output; where it listens is said on standard error.',
    'It ends with this command: Ctrl-C stops it with the usual grace, a second one at once, and when this command is killed everything goes at once. Of a command nothing is kept; a recipe’s data stays for the next `lo run --use` with the same name in this directory.',
  ],
  positionals: [],
  options: [
    { name: 'use', value: 'RECIPE', summary: 'A recipe instead of a command: postgres, redis, nginx, …' },
    {
      name: 'with',
      value: 'KEY=VALUE',
      many: true,
      summary: 'An option of the recipe; `settings.work_mem=8MB` reaches into a map',
    },
    {
      name: 'port',
      value: 'N',
      summary: 'The port to listen on, told as PORT; ready once it accepts a connection',
    },
    { name: 'name', value: 'NAME', summary: 'The service’s name; default: from the recipe or the command' },
  ],
  rest: 'CMD',
  examples: [
    { command: 'lo run --use postgres --with database=app', meaning: 'A database, until Ctrl-C.' },
    { command: 'lo run --port 3000 -- npm start', meaning: 'A web server that collides with no other.' },
  ],
  exits: {
    '125': 'Loopyard itself failed',
    '126': 'the command cannot be run',
    '127': 'the command was not found',
    '130': 'ended by Ctrl-C',
    others: 'the command’s own; 128 + the number of the signal that ended it',
  },
  needsDaemon: true,
  run: async (context) => {
    const { args } = context;
    const recipe = args.text('use') ?? null;
    const argv = args.rest ?? [];
    if ((recipe === null) === (argv.length === 0)) {
      const reason =
        recipe === null ? 'neither --use nor a command after `--`' : '--use and a command exclude each other';
      throw usage(reason, { name: 'run', usage: USAGE });
    }
    if (recipe === null && args.flag('with')) {
      throw usage('--with belongs to --use', { name: 'run', usage: USAGE });
    }
    const inline = await inlineProject({
      recipe,
      argv,
      options: args.all('with'),
      port: countOption(args, 'port', 1, 65_535) ?? null,
      name: args.text('name') ?? null,
      pid: context.world.pid,
    });
    return await runToEnd(context, inline, recipe === null);
  },
};

async function runToEnd(
  context: Context,
  inline: NonNullable<UpRequest['inline']>,
  forget: boolean,
): Promise<number> {
  const { directory, variables, world } = context;
  const request = { directory, services: [], variables, pid: world.pid, untilSettled: false, inline };
  let tellEnd: (service: ServiceStatus) => void = () => undefined;
  const ended = new Promise<ServiceStatus>((resolve) => {
    tellEnd = resolve;
  });
  let started = false;
  let announced = false;
  const session = new Session(context, { ...request, owner: 'kill' }, (event) => {
    if (context.json) context.printer.event(event);
    if (event.type === 'snapshot') session.followLogs();
    const [service] = session.board.services;
    if (service === undefined) return;
    // An earlier run of a recipe left its end behind, which is not this one's.
    started ||= !hasEnded(service);
    if (started && hasEnded(service)) tellEnd(service);
    if (announced || (service.state !== 'ready' && service.state !== 'unready')) return;
    announced = true;
    announce(session, service);
  });
  return await session.run(forget, async () => {
    const service = await ended;
    await session.finishLogs();
    return codeOf(service, context.args.rest?.[0] ?? '');
  });
}

function announce(session: Session, service: ServiceStatus): void {
  if (service.state === 'unready') {
    session.say(`${service.name} is not ready: ${service.reason ?? 'nobody knows why'}`);
    return;
  }
  for (const endpoint of service.endpoints) {
    const what = service.endpoints.length === 1 ? service.name : `${service.name} (${endpoint.name})`;
    session.say(`${what} listens on ${endpointText(endpoint)}`);
    if (endpoint.url !== endpointText(endpoint)) session.say(`  ${endpoint.url}`);
  }
}

/** Errors: COMMAND_MISSING, SERVICE_FAILED when it never ran. */
function codeOf(service: ServiceStatus, command: string): number {
  const { exit, state, reason, name, log } = service;
  if (exit !== null && exit.code !== null) return exit.code;
  if (exit !== null && exit.signal !== null) {
    return 128 + (constants.signals[exit.signal as NodeJS.Signals] ?? 0);
  }
  const missing = new LoopyardError('COMMAND_NOT_FOUND', { service: name, command });
  if (reason === missing.message) {
    throw new LoopyardError('COMMAND_MISSING', { command, where: 'node_modules/.bin and on PATH' });
  }
  throw new LoopyardError('SERVICE_FAILED', { service: name, reason: reason ?? state, log });
}
