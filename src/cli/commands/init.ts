/** `lo init`: writes a first config from what lies in this directory. */

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { discover } from '../../config/discover/discover.ts';
import { CONFIG_NAMES } from '../../config/find-config.ts';
import { LoopyardError } from '../../core/errors.ts';
import { SCHEMA_VERSION } from '../../core/status.ts';
import type { Command } from '../command.ts';
import { writeNew } from '../offer-config.ts';
import { safe } from '../printer/text.ts';

export const init: Command = {
  usage: ['[--dry-run]'],
  description: [
    'Looks at the Procfile, else at the workspaces or scripts of package.json, and writes a commented loopyard.yaml with what it found. It never overwrites a file.',
  ],
  positionals: [],
  options: [{ name: 'dry-run', summary: 'Print the file instead of writing it' }],
  rest: null,
  examples: [
    { command: 'lo init --dry-run', meaning: 'See what would be written.' },
    { command: 'lo init && lo up', meaning: 'From a checkout to running services.' },
  ],
  exits: {},
  needsDaemon: false,
  run: async (context) => {
    const { args, printer, directory, json } = context;
    const dry = args.flag('dry-run');
    const existing = CONFIG_NAMES.map((name) => join(directory, name)).find((file) => existsSync(file));
    if (existing !== undefined && !dry) throw new LoopyardError('CONFIG_EXISTS', { file: existing });
    const found = await discover(directory);
    if (found === null) throw new LoopyardError('NO_SERVICES', { directory });
    const file = dry ? null : writeNew(directory, found);
    if (json) {
      printer.document({ schema: SCHEMA_VERSION, file, findings: found.findings, yaml: found.yaml });
      return 0;
    }
    for (const finding of found.findings) printer.note(`found ${safe(finding)}`);
    if (file === null) printer.raw(found.yaml);
    else printer.line(`wrote ${file}; \`lo up\` starts it`);
    return 0;
  },
};
