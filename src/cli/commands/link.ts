/** `lo link`: the links of this environment, live when asked, and links without a project. */

import { LoopyardError } from '../../core/errors.ts';
import type { LinkList } from '../../core/link-list.ts';
import { suggest } from '../../core/suggest.ts';
import { usage } from '../args.ts';
import type { Command, Context } from '../command.ts';
import { LinkWatchView, printAdded, printLinks } from '../view/link-table.ts';

const USAGE = ['ls [--follow]', 'add TARGET [--listen ADDRESS:PORT] [--name NAME]', 'rm NAME'];
const PAGE = { name: 'link', usage: USAGE };
const ACTIONS = ['ls', 'add', 'rm'] as const;

export const link: Command = {
  usage: USAGE,
  description: [
    'Each service reaches what it needs over a link: an address of its own that leads to one endpoint. So it is known who talks to whom, and `lo fault` can disturb one edge and no other. `lo link ls` shows them, and processes that reach a service without one.',
    '`lo link add` makes a link to a port that Loopyard does not run. It is kept until it is removed. Both its ends are on this machine.',
  ],
  positionals: [
    { name: 'ACTION', summary: '`ls`, `add` or `rm`', count: 'one', complete: ACTIONS },
    {
      name: 'TARGET',
      summary: 'For `add`: `5432` or `127.0.0.1:5432`; for `rm`: the name of the link',
      count: 'optional',
      complete: 'asked',
    },
  ],
  options: [
    { name: 'follow', summary: 'Show what changes, once a second, until Ctrl-C' },
    {
      name: 'listen',
      value: 'ADDRESS:PORT',
      summary: 'Where callers connect; default: an address of its own with the port of the target',
    },
    { name: 'name', value: 'NAME', summary: 'What to call it; default: `link-` and the port' },
  ],
  rest: null,
  examples: [
    { command: 'lo link ls', meaning: 'Who talks to whom, and what disturbs them.' },
    { command: 'lo link ls --follow', meaning: 'The same, live.' },
    {
      command: 'lo link add 5432 --listen 127.0.0.1:6000 --name pg',
      meaning: 'A slow database: connect to 6000, then `lo fault add pg latency=200ms`.',
    },
    { command: 'lo link rm pg', meaning: 'Its listener is closed.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const [action = '', target, ...more] = context.args.positionals;
    checkWords(context, action, target);
    if (more.length > 0) throw usage(`\`${more[0]}\` is one word too many`, PAGE);
    if (action === 'add') return await add(context, target ?? '');
    if (action === 'rm') return await remove(context, target ?? '');
    return context.args.flag('follow') ? await follow(context) : await list(context);
  },
};

/** Errors: USAGE. */
function checkWords({ args }: Context, action: string, target: string | undefined): void {
  if (!ACTIONS.some((one) => one === action)) {
    const near = suggest(action, ACTIONS);
    if (near === undefined) throw usage(`\`lo link ${action}\` means nothing`, PAGE);
    const reason = `\`lo link ${action}\` means nothing`;
    throw new LoopyardError('USAGE', { reason, fix: `did you mean \`lo link ${near}\`?` });
  }
  if (action === 'ls' && target !== undefined) throw usage(`\`${target}\` is one word too many`, PAGE);
  if (action === 'add' && target === undefined)
    throw usage('where shall the link lead? A port is missing', PAGE);
  if (action === 'rm' && target === undefined) throw usage('which link? Its name is missing', PAGE);
  if (action !== 'ls' && args.flag('follow')) throw usage('--follow goes with `ls`', PAGE);
  const isNamed = args.flag('listen') || args.flag('name');
  if (action !== 'add' && isNamed) throw usage('--listen and --name go with `add`', PAGE);
}

async function list(context: Context): Promise<number> {
  const workbench = await context.connect();
  const found = await workbench.links(context.target);
  if (context.json) context.printer.document(found);
  else printLinks(context.printer, found, context.world.now());
  return 0;
}

async function follow(context: Context): Promise<number> {
  const { printer, world } = context;
  const view = new LinkWatchView(printer);
  for await (const found of looks(context)) {
    if (context.json) printer.event(found);
    else view.take(found, world.now());
    await printer.room();
  }
  return 0;
}

/** Across the end of a daemon: links serve on meanwhile. */
async function* looks(context: Context): AsyncGenerator<LinkList, void> {
  for (;;) {
    const workbench = await context.connect();
    try {
      yield* workbench.watchLinks(context.target);
      return;
    } catch (error) {
      if (!(error instanceof LoopyardError) || error.code !== 'DAEMON_UNREACHABLE') throw error;
    }
  }
}

async function add(context: Context, target: string): Promise<number> {
  const { args, printer } = context;
  const listen = args.text('listen');
  const name = args.text('name');
  const workbench = await context.connect();
  const added = await workbench.addLink({
    target,
    ...(listen === undefined ? {} : { listen }),
    ...(name === undefined ? {} : { name }),
  });
  if (context.json) printer.document(added);
  else printAdded(printer, added);
  return 0;
}

async function remove(context: Context, name: string): Promise<number> {
  const workbench = await context.connect();
  const left = await workbench.removeLink({ name });
  if (context.json) context.printer.document(left);
  else context.printer.line(`link ${name} is gone`);
  return 0;
}
