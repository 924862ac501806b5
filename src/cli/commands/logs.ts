/** `lo logs`: what services wrote, each line with the name of its service. */

import { LoopyardError } from '../../core/errors.ts';
import { parseDuration } from '../../core/units.ts';
import type { Args } from '../args.ts';
import type { Command } from '../command.ts';
import { LogFollower } from '../log-follower.ts';
import { LogPrinter } from '../view/log-lines.ts';
import { countOption, SERVICES } from './shared.ts';

/** Without `--tail` and `--since`: enough to see what is going on. */
const DEFAULT_TAIL = 200;

export const logs: Command = {
  usage: ['[SERVICE…] [--follow] [--tail N] [--since WHEN] [--grep REGEX]'],
  description: [
    'Prints the last lines of each service, in the order in which they were written. Output of runs that ended is there too.',
    'Colours of the programs are kept on a terminal and left out elsewhere.',
  ],
  positionals: [SERVICES],
  options: [
    { name: 'follow', short: 'F', summary: 'Go on with new lines until Ctrl-C' },
    {
      name: 'tail',
      short: 'n',
      value: 'N',
      summary: `Only the last N lines of each service, or \`all\`; default ${DEFAULT_TAIL}, with --since all`,
    },
    {
      name: 'since',
      value: 'WHEN',
      summary: 'Only lines since then: `5m` ago, or a time such as `2026-01-31T12:00`',
    },
    { name: 'grep', value: 'REGEX', summary: 'Only lines that match a JavaScript regular expression' },
    { name: 'timestamps', short: 't', summary: 'Show when each line was written' },
    { name: 'no-prefix', summary: 'Do not show who wrote it' },
  ],
  rest: null,
  examples: [
    { command: 'lo logs --follow', meaning: 'Everybody’s lines, as they come.' },
    { command: 'lo logs api --since 5m --grep "error|warn"', meaning: 'What went wrong just now.' },
    { command: 'lo logs db --tail all --json', meaning: 'Every line that is kept, one JSON document each.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const { args, printer, json, target } = context;
    const since = sinceOption(args, context.world.now());
    const grep = args.text('grep');
    const request = {
      ...target,
      services: args.positionals,
      follow: args.flag('follow'),
      tail: tailOption(args),
      ...(since === undefined ? {} : { since }),
      ...(grep === undefined ? {} : { grep }),
    };
    const timestamps = args.flag('timestamps');
    const style = json
      ? ({ kind: 'json' } as const)
      : args.flag('no-prefix')
        ? ({ kind: 'bare' } as const)
        : ({ kind: 'prefixed', timestamps } as const);
    const names = style.kind === 'prefixed' ? await namesOf(context) : [];
    const lines = new LogPrinter(printer, style, names);
    await new LogFollower(context, request, (batch) => lines.print(batch)).read();
    return 0;
  },
};

async function namesOf(context: Parameters<Command['run']>[0]): Promise<readonly string[]> {
  if (context.args.positionals.length > 0) return context.args.positionals;
  const workbench = await context.connect();
  const status = await workbench.ps(context.target);
  return status.services.map((service) => service.name);
}

function tailOption(args: Args): number {
  const text = args.text('tail');
  if (text === 'all' || text === '-1') return -1;
  return countOption(args, 'tail', 0, Number.POSITIVE_INFINITY) ?? (args.flag('since') ? -1 : DEFAULT_TAIL);
}

/** Epoch ms. Errors: USAGE. */
function sinceOption(args: Args, now: number): number | undefined {
  const text = args.text('since');
  if (text === undefined) return undefined;
  const ago = parseDuration(text);
  if (ago !== undefined) return now - ago;
  const at = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
  if (!Number.isNaN(at)) return at;
  throw new LoopyardError('USAGE', {
    reason: `--since is neither a duration nor a time: \`${text}\``,
    fix: 'write `30s`, `5m`, `2h`, or a time such as `2026-01-31T12:00:00Z`',
  });
}
