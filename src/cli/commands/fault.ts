/** `lo fault`: what a link does to its traffic: added, shown and taken away while programs run. */

import { LoopyardError } from '../../core/errors.ts';
import type { FaultWords } from '../../core/fault-words.ts';
import { suggest } from '../../core/suggest.ts';
import { type Args, usage } from '../args.ts';
import type { Command, Context } from '../command.ts';
import { printFaults } from '../view/fault-list.ts';

const USAGE = [
  'add LINK KIND[=VALUE] [SETTING=VALUE …] [--direction up|down|both] [--for DURATION]',
  'ls',
  'rm LINK [NAME]',
  'clear [LINK]',
];
const PAGE = { name: 'fault', usage: USAGE };
const ACTIONS = ['add', 'ls', 'rm', 'clear'] as const;

export const fault: Command = {
  usage: USAGE,
  description: [
    'Makes one link slow, narrow, lossy or dead, for open connections too and without a restart. LINK is the caller and the service, `api:db`, with an endpoint where it has several, `api:db/metrics`; or the name that `lo link add` gave.',
    'A fault lasts until it is removed, its time is over, or the environment is taken down; it outlives the daemon and the gateway. `lo link ls` and `lo ps` show what is in force. All kinds and their settings: docs/reference/faults.md.',
    'Durations are written `200ms` or `1s`, sizes `64KB`, rates `1MB/s`, shares `0.5` or `50%`.',
  ],
  positionals: [
    { name: 'ACTION', summary: '`add`, `ls`, `rm` or `clear`', count: 'one', complete: ACTIONS },
    {
      name: 'LINK',
      summary: '`api:db`, `api:db/metrics` or the name of a link',
      count: 'optional',
      complete: 'asked',
    },
    {
      name: 'WORD',
      summary:
        'For `add`: `latency=200ms` and settings such as `jitter=50ms`; for `rm`: the name of the fault',
      count: 'many',
      complete: 'asked',
    },
  ],
  options: [
    {
      name: 'direction',
      value: 'WHICH',
      summary: '`up`: from the caller to the service; `down`: back to it; `both`; default: as the kind says',
      complete: ['up', 'down', 'both'],
    },
    { name: 'for', value: 'DURATION', summary: 'It ends by itself after so long: `30s`' },
    {
      name: 'name',
      value: 'NAME',
      summary: 'What to call it; default: its kind. One of the same name is replaced',
    },
    {
      name: 'probability',
      value: 'SHARE',
      summary: 'Share of the connections that are affected: `0.5`, `50%`',
    },
    { name: 'seed', value: 'N', summary: 'The same seed gives the same draws' },
  ],
  rest: null,
  examples: [
    {
      command: 'lo fault add api:db latency=300ms jitter=50ms',
      meaning: 'Every answer of db comes later to api, and to nobody else.',
    },
    {
      command: 'lo fault add api:db bandwidth=1MB/s --direction both --for 30s',
      meaning: 'A thin line for half a minute.',
    },
    { command: 'lo fault add web:api reset --probability 10%', meaning: 'One connection in ten breaks.' },
    { command: 'lo fault rm api:db latency', meaning: 'At once, for open connections too.' },
    { command: 'lo fault clear', meaning: 'Nothing is disturbed any more.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const [action = '', link, ...words] = context.args.positionals;
    checkWords(context.args, action, link, words);
    switch (action) {
      case 'add':
        return await add(context, link ?? '', words);
      case 'ls':
        return await list(context);
      default:
        return await remove(context, link, words[0]);
    }
  },
};

/** Errors: USAGE. */
function checkWords(args: Args, action: string, link: string | undefined, words: readonly string[]): void {
  if (!ACTIONS.some((one) => one === action)) {
    const near = suggest(action, ACTIONS);
    const reason = `\`lo fault ${action}\` means nothing`;
    if (near === undefined) throw usage(reason, PAGE);
    throw new LoopyardError('USAGE', { reason, fix: `did you mean \`lo fault ${near}\`?` });
  }
  if (action === 'add' && words.length === 0) throw usage('a link and a kind of fault are needed', PAGE);
  if (action === 'rm' && link === undefined)
    throw usage('which link? `lo fault clear` takes all faults away', PAGE);
  const most = { add: Number.POSITIVE_INFINITY, rm: 1, clear: 0, ls: 0 }[action] ?? 0;
  const extra = action === 'ls' ? (link ?? words[0]) : words[most];
  if (extra !== undefined) throw usage(`\`${extra}\` is one word too many`, PAGE);
  const option = ['direction', 'for', 'name', 'probability', 'seed'].find((name) => args.flag(name));
  if (action !== 'add' && option !== undefined) throw usage(`--${option} goes with \`add\``, PAGE);
}

async function add(context: Context, link: string, words: readonly string[]): Promise<number> {
  const { args, printer } = context;
  const fault = faultWords(words, args);
  const workbench = await context.connect();
  const changed = await workbench.addFault({ ...context.target, link, fault });
  if (context.json) printer.document(changed);
  else printFaults(printer, changed, context.world.now());
  return 0;
}

async function list(context: Context): Promise<number> {
  const workbench = await context.connect();
  const { undeclared: _, ...found } = await workbench.links(context.target);
  const disturbed = found.links.filter(({ faults }) => faults.length > 0);
  if (context.json) context.printer.document({ ...found, links: disturbed });
  else printFaults(context.printer, { links: disturbed }, context.world.now());
  return 0;
}

async function remove(context: Context, link: string | undefined, name: string | undefined): Promise<number> {
  const workbench = await context.connect();
  const changed = await workbench.removeFaults({
    ...context.target,
    ...(link === undefined ? {} : { link }),
    ...(name === undefined ? {} : { name }),
  });
  if (context.json) context.printer.document(changed);
  else printFaults(context.printer, changed, context.world.now());
  return 0;
}

/** `latency=200ms jitter=50ms` and the options. Errors: USAGE. */
function faultWords(words: readonly string[], args: Args): FaultWords {
  const [first = '', ...more] = words;
  const [kind, value] = halves(first);
  const settings: Record<string, string> = {};
  for (const word of more) {
    const [name, text] = halves(word);
    if (text === undefined)
      throw usage(`\`${word}\` has no value: settings are written \`jitter=50ms\``, PAGE);
    if (Object.hasOwn(settings, name)) throw usage(`\`${name}\` is given twice`, PAGE);
    settings[name] = text;
  }
  const options = ['direction', 'for', 'name', 'probability', 'seed'].flatMap((name) => {
    const text = args.text(name);
    return text === undefined ? [] : [[name, text] as const];
  });
  return { kind, settings, ...(value === undefined ? {} : { value }), ...Object.fromEntries(options) };
}

function halves(word: string): readonly [string, string | undefined] {
  const at = word.indexOf('=');
  return at < 0 ? [word, undefined] : [word.slice(0, at), word.slice(at + 1)];
}
