/** `lo ls`: all environments. */

import type { EnvironmentSummary } from '../../core/status.ts';
import type { Command } from '../command.ts';
import type { Cell, Column } from '../printer/table.ts';
import { safe } from '../printer/text.ts';

const COLUMNS: readonly Column[] = [
  { title: 'ENVIRONMENT', least: 12 },
  { title: 'SERVICES' },
  { title: 'ADDRESSES', least: 14, drop: 2 },
  { title: 'ID', drop: 1 },
  { title: 'PATH', least: 16 },
];

export const ls: Command = {
  usage: [''],
  description: [
    'Lists every environment, running or not: how its services stand, which addresses it holds, its id for `--environment`, and the directory of its checkout.',
  ],
  positionals: [],
  options: [],
  rest: null,
  examples: [{ command: 'lo ls', meaning: 'What runs in which checkout.' }],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const workbench = await context.connect();
    const list = await workbench.ls();
    const { printer } = context;
    if (context.json) printer.document(list);
    else if (list.environments.length === 0) {
      printer.line('No environment is known yet. `lo up` in a directory with a loopyard.yaml makes one.');
    } else {
      printer.table(COLUMNS, list.environments.map(rowOf));
      const gone = list.environments.some(({ exists }) => !exists);
      if (gone) printer.note('`lo clean` frees what environments hold whose checkout is gone');
    }
    return 0;
  },
};

function rowOf(environment: EnvironmentSummary): readonly Cell[] {
  const counts = countsText(environment.services);
  return [
    { text: safe(environment.name), paints: ['bold'] },
    environment.exists ? counts : { text: `${counts}, checkout gone`, paints: ['yellow'] },
    environment.blocks.join(' '),
    environment.id,
    safe(environment.path),
  ];
}

/** `3 ready, 1 failed` */
function countsText(services: EnvironmentSummary['services']): string {
  const counts = Object.entries(services).filter(([state]) => state !== 'idle');
  return counts.length === 0 ? 'not started' : counts.map(([state, count]) => `${count} ${state}`).join(', ');
}
