/** `lo switch`: the plain name of a project leads to a chosen checkout. */

import type { SwitchReport } from '../../core/naming.ts';
import type { Command } from '../command.ts';
import type { Printer } from '../printer/printer.ts';
import { safe } from '../printer/text.ts';

export const switchTo: Command = {
  usage: ['[ENVIRONMENT]'],
  description: [
    'Of several checkouts of one project, worktrees and clones, one has the plain names: `web.shop.localhost`. `lo switch` gives them to this checkout, or to the one that is named. Redirect URLs of an OAuth provider and bookmarks stay as they are.',
    'Whoever had them gets the name of its worktree or folder in front: `web.main.shop.localhost`. Nothing is restarted, and addresses stay.',
  ],
  positionals: [
    {
      name: 'ENVIRONMENT',
      summary: 'An id or a name from `lo ls`, or the name of a folder; without it, the one of this directory',
      count: 'optional',
      complete: [],
    },
  ],
  options: [],
  rest: null,
  examples: [
    { command: 'lo switch', meaning: 'This checkout gets the plain names.' },
    { command: 'lo switch feature', meaning: 'The worktree `feature` gets them.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async ({ args, printer, json, target, connect }) => {
    const workbench = await connect();
    const [word] = args.positionals;
    const report = await workbench.switchTo(word === undefined ? target : { ...target, to: word });
    if (json) printer.document(report);
    else printMoves(printer, report);
    return 0;
  },
};

function printMoves(printer: Printer, { project, environment, moved }: SwitchReport): void {
  const place = safe(environment.path);
  if (moved.length === 0) {
    printer.line(`${project}.localhost leads to ${place} already; \`lo ls\` shows the other checkouts`);
    return;
  }
  for (const { environment: one, before } of moved)
    printer.line(`${printer.paint(safe(one.name), 'bold')}: was ${safe(before)}, ${safe(one.path)}`);
  printer.line(`*.${project}.localhost leads to ${place} now; \`lo ps\` shows the URLs`);
}
