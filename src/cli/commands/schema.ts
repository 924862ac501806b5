/** `lo schema`: the JSON Schema of the config, recipes' options included. */

import type { Command } from '../command.ts';

export const schema: Command = {
  usage: [''],
  description: [
    'Prints the JSON Schema of loopyard.yaml, with the options of every recipe. Editors complete and check the file by it.',
  ],
  positionals: [],
  options: [],
  rest: null,
  examples: [
    {
      command: 'lo schema > loopyard.schema.json',
      meaning:
        'Then put `# yaml-language-server: $schema=./loopyard.schema.json` at the top of loopyard.yaml.',
    },
  ],
  exits: {},
  needsDaemon: false,
  run: async (context) => {
    const { schemaDocument } = await import('../../daemon/local.ts');
    // It is JSON with and without `--json`.
    context.printer.document(await schemaDocument());
    return 0;
  },
};
