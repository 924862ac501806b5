/** `lo ports`: every listener of this machine. */

import type { PortsRequest } from '../../core/api.ts';
import { LoopyardError } from '../../core/errors.ts';
import type { PortsEvent, PortsReport, Scope } from '../../core/inspection.ts';
import { suggest } from '../../core/suggest.ts';
import type { Args } from '../args.ts';
import type { Command, Context } from '../command.ts';
import { inspectorFor } from '../inspection.ts';
import { notesOf, printPorts } from '../view/ports-table.ts';
import { countOption } from './shared.ts';

const SCOPES: readonly Scope[] = ['loopback', 'interface', 'wildcard'];
const LAST_PORT = 65_535;
/** Linux gives no higher one (PID_MAX_LIMIT). */
const LAST_PID = 4_194_304;

export const ports: Command = {
  usage: ['[--port N] [--pid N] [--name TEXT] [--scope SCOPE] [--all]', '--watch'],
  description: [
    'Shows every TCP listener and bound UDP socket of this machine: who can reach it, who owns it, what it belongs to, and where its process comes from.',
    'It needs no config and no daemon, and starts none. Owners that this user may not see are said to be unseen, with what would show them.',
    'With --json no rows are joined: one document for each socket.',
  ],
  positionals: [],
  options: [
    { name: 'port', short: 'p', value: 'N', summary: 'Only this port' },
    { name: 'pid', value: 'N', summary: 'Only what this process holds' },
    {
      name: 'name',
      value: 'TEXT',
      summary:
        'Only owners with TEXT in their name or command, or in the name of their service, container or unit',
    },
    {
      name: 'scope',
      value: 'SCOPE',
      summary: '`loopback`: this machine; `interface`: one network; `wildcard`: every network',
    },
    { name: 'all', short: 'a', summary: 'Unix sockets, connections and other network namespaces too' },
    { name: 'watch', short: 'w', summary: 'Go on with what opens, closes or changes until Ctrl-C' },
  ],
  rest: null,
  examples: [
    { command: 'lo ports', meaning: 'Everything that listens.' },
    { command: 'lo ports --scope wildcard', meaning: 'What other machines may reach.' },
    { command: 'lo ports --name node --watch', meaning: 'Node servers as they come and go.' },
    { command: 'lo ports --json | jq .listeners[].port', meaning: 'For a script.' },
  ],
  exits: { '3': 'nothing was seen, and not everything could be looked at' },
  needsDaemon: false,
  run: async (context) => {
    const request = requestFrom(context.args);
    if (context.args.flag('watch')) return await watch(context, request);
    const inspector = await inspectorFor(context);
    const report = await inspector.ports(request);
    if (context.json) context.printer.document(report);
    else await print(context, report, request);
    return isBlind(report) ? 3 : 0;
  },
};

/** Errors: USAGE. */
function requestFrom(args: Args): PortsRequest {
  const all = args.flag('all');
  if (all && args.flag('watch'))
    throw new LoopyardError('USAGE', {
      reason: '--watch follows listeners alone',
      fix: 'leave out --all',
    });
  const port = countOption(args, 'port', 1, LAST_PORT);
  const pid = countOption(args, 'pid', 1, LAST_PID);
  const name = args.text('name');
  const scope = scopeOption(args);
  return {
    all,
    ...(port === undefined ? {} : { port }),
    ...(pid === undefined ? {} : { pid }),
    ...(name === undefined ? {} : { name }),
    ...(scope === undefined ? {} : { scope }),
  };
}

function scopeOption(args: Args): Scope | undefined {
  const text = args.text('scope');
  const scope = SCOPES.find((one) => one === text);
  if (text === undefined || scope !== undefined) return scope;
  const near = suggest(text, SCOPES);
  throw new LoopyardError('USAGE', {
    reason: `there is no scope \`${text}\``,
    fix:
      near === undefined
        ? 'write `loopback`, `interface` or `wildcard`'
        : `did you mean \`--scope ${near}\`?`,
  });
}

/** An empty answer is only one where all was seen. */
function isBlind({ listeners, unseen }: PortsReport): boolean {
  return listeners.length === 0 && unseen.length > 0;
}

async function print(context: Context, report: PortsReport, request: PortsRequest): Promise<void> {
  const { printer } = context;
  if (report.listeners.length > 0) printPorts(printer, report);
  else {
    printer.line(emptyText(report, request));
    printer.lines(notesOf(printer, report));
  }
  if (!request.all) return;
  const { printEverything } = await import('../view/ports-all.ts');
  printEverything(printer, report);
}

function emptyText(report: PortsReport, { port, pid, name, scope }: PortsRequest): string {
  const wanted = [
    port === undefined ? '' : ` on port ${port}`,
    scope === undefined ? '' : ` with the scope ${scope}`,
    pid === undefined ? '' : ` by process ${pid}`,
    name === undefined ? '' : ` by the name of \`${name}\``,
  ].join('');
  if (isBlind(report)) return `No listener${wanted} was seen, but not everything could be looked at.`;
  return wanted === '' ? 'Nothing listens on this machine.' : `Nothing listens${wanted}.`;
}

/** Until it is interrupted. */
async function watch(context: Context, request: PortsRequest): Promise<number> {
  const { PortsWatchView } = await import('../view/ports-watch.ts');
  const { printer } = context;
  const view = new PortsWatchView(printer);
  for await (const event of eventsOf(context, request)) {
    if (context.json) printer.event(event);
    else view.take(event);
    await printer.room();
  }
  return 0;
}

/** Across the end of a daemon: whoever looks then begins with a snapshot of its own. */
async function* eventsOf(context: Context, request: PortsRequest): AsyncGenerator<PortsEvent, void> {
  for (;;) {
    const inspector = await inspectorFor(context);
    try {
      yield* inspector.watchPorts(request);
      return;
    } catch (error) {
      if (!(error instanceof LoopyardError) || error.code !== 'DAEMON_UNREACHABLE') throw error;
    }
  }
}
