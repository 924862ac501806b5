/** `lo why PORT`: what is on a port, and why it cannot be had. */

import { LoopyardError } from '../../core/errors.ts';
import type { WhyReport } from '../../core/inspection.ts';
import type { Command } from '../command.ts';
import { inspectorFor } from '../inspection.ts';
import { printWhy } from '../view/why-report.ts';
import { isTaken } from '../view/why-words.ts';

const LAST_PORT = 65_535;

export const why: Command = {
  usage: ['PORT'],
  description: [
    'Says who holds a TCP port, which binds would succeed now, who answers `localhost:PORT` for clients of either family, and every cause with its evidence and a fix.',
    'Each kind of bind is tried for an instant; nothing is sent to anybody. It needs no config and no daemon, and starts none.',
  ],
  positionals: [{ name: 'PORT', summary: 'The port, 1 to 65535', count: 'one', complete: [] }],
  options: [],
  rest: null,
  examples: [
    { command: 'lo why 3000', meaning: 'What is on port 3000, and what to do about it.' },
    { command: 'lo why 5432 --json | jq -r .causes[].code', meaning: 'The causes alone, for a script.' },
  ],
  exits: { '0': 'the port is free', '1': 'at least one kind of bind is refused' },
  needsDaemon: false,
  run: async (context) => {
    const port = portOf(context.args.positionals[0] ?? '');
    const inspector = await inspectorFor(context);
    const report: WhyReport = await inspector.why({ port });
    if (context.json) context.printer.document(report);
    else printWhy(context.printer, report);
    return isTaken(report) ? 1 : 0;
  },
};

/** Errors: USAGE. */
function portOf(text: string): number {
  const port = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (port >= 1 && port <= LAST_PORT) return port;
  const reason =
    port === 0 ? 'port 0 is no port: who asks for it is given any that is free' : `\`${text}\` is no port`;
  const behind = /^(?:.*:)(\d+)\/?$/.exec(text)?.[1];
  const fix =
    behind === undefined
      ? `give a number from 1 to ${LAST_PORT}, e.g. \`lo why 3000\``
      : `give the port alone, \`lo why ${behind}\`; \`lo explain ${text}\` tells of the address`;
  throw new LoopyardError('USAGE', { reason, fix });
}
