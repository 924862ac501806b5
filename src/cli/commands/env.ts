/** `lo env`: the variables that a service is given. */

import { usage } from '../args.ts';
import type { Command } from '../command.ts';
import { safe } from '../printer/text.ts';
import { shownVariables } from '../redact.ts';
import { ONE_SERVICE } from './shared.ts';

const USAGE = ['SERVICE [--export | --dotenv] [--all] [--show]'];

export const env: Command = {
  usage: USAGE,
  description: [
    'Prints what Loopyard adds to or changes in the environment that the service inherits: where it listens, where its needs are, what its config says. `--all` prints everything that its program gets.',
    'On a terminal the values of variables that look like secrets are hidden; `--show` shows them. In a pipe or a file they are whole.',
  ],
  positionals: [ONE_SERVICE],
  options: [
    { name: 'export', summary: 'As lines for a shell: `eval "$(lo env api --export)"`' },
    { name: 'dotenv', summary: 'As a dotenv file' },
    { name: 'all', summary: 'Also what the service merely inherits' },
    { name: 'show', summary: 'Secrets in clear text on a terminal too' },
  ],
  rest: null,
  examples: [
    { command: 'lo env api', meaning: 'What `api` is told.' },
    {
      command: 'lo env api --dotenv > .env.local',
      meaning: 'The same for a program that is started by hand.',
    },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const { args, printer, json, target, variables } = context;
    const asExport = args.flag('export');
    const asDotenv = args.flag('dotenv');
    if (asExport && asDotenv) {
      throw usage('--export and --dotenv exclude each other', { name: 'env', usage: USAGE });
    }
    const workbench = await context.connect();
    const document = await workbench.env({ ...target, service: args.positionals[0] ?? null, variables });
    const { hidden, shown } = shownVariables(document.variables, context);
    if (json) {
      printer.document({ ...document, variables: shown });
      return 0;
    }
    const format = asExport ? exportLine : asDotenv ? dotenvLine : plainLine;
    for (const name of Object.keys(shown).sort()) {
      if (args.flag('all') || document.variables[name] !== variables[name]) {
        printer.line(format(name, shown[name] ?? ''));
      }
    }
    if (hidden > 0) printer.note(printer.errorPaint(`${hidden} hidden; --show shows them`, 'dim'));
    return 0;
  },
};

function plainLine(name: string, value: string): string {
  return `${name}=${safe(value)}`;
}

function exportLine(name: string, value: string): string {
  return `export ${name}='${value.replaceAll("'", "'\\''")}'`;
}

/** Double quotes, with the escapes that dotenv readers share. */
function dotenvLine(name: string, value: string): string {
  if (/^[\w./:@%+,-]*$/.test(value)) return `${name}=${value}`;
  const escaped = value
    .replace(/[\\"$]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r');
  return `${name}="${escaped}"`;
}
