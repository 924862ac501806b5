/** `lo completion`: the completion script of a shell, made from the command table. */

import { SCHEMA_VERSION } from '../../core/status.ts';
import type { CommandPage } from '../../generate/command-page.ts';
import { bashCompletion } from '../../generate/completion/bash.ts';
import { fishCompletion } from '../../generate/completion/fish.ts';
import { zshCompletion } from '../../generate/completion/zsh.ts';
import { usage } from '../args.ts';
import type { Command } from '../command.ts';
import { allPages } from '../pages.ts';

const SHELLS: Readonly<Record<string, (pages: readonly CommandPage[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

export const completion: Command = {
  usage: ['bash | zsh | fish'],
  description: [
    'Prints a script that completes commands, options and the services of the config at hand. It is made from the same table as the help.',
  ],
  positionals: [
    {
      name: 'SHELL',
      summary: '`bash`, `zsh` or `fish`',
      count: 'one',
      complete: Object.keys(SHELLS),
    },
  ],
  options: [],
  rest: null,
  examples: [
    { command: 'lo completion bash > ~/.local/share/bash-completion/completions/lo', meaning: 'For bash.' },
    { command: 'lo completion zsh > "${fpath[1]}/_lo"', meaning: 'For zsh.' },
    { command: 'lo completion fish > ~/.config/fish/completions/lo.fish', meaning: 'For fish.' },
  ],
  exits: {},
  needsDaemon: false,
  run: async (context) => {
    const [shell = ''] = context.args.positionals;
    const write = SHELLS[shell];
    if (write === undefined) {
      throw usage(`\`${shell}\` is none of ${Object.keys(SHELLS).join(', ')}`, {
        name: 'completion',
        usage: ['bash | zsh | fish'],
      });
    }
    const script = write(await allPages(context.commands));
    if (context.json) context.printer.document({ schema: SCHEMA_VERSION, shell, script });
    else context.printer.raw(script);
    return 0;
  },
};
