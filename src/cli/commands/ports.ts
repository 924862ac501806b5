/** `lo ports`: every listener of this machine. */

import type { Command } from '../command.ts';
import { inspectorFor } from '../inspection.ts';
import { printPorts } from '../view/ports-table.ts';

export const ports: Command = {
  usage: [''],
  description: [
    'Shows every TCP listener and bound UDP socket of this machine: who owns it, and who can reach it.',
  ],
  positionals: [],
  options: [],
  rest: null,
  examples: [{ command: 'lo ports', meaning: 'Everything that listens.' }],
  exits: {},
  needsDaemon: false,
  run: async (context) => {
    const inspector = await inspectorFor(context);
    const report = await inspector.ports({ all: false });
    if (context.json) context.printer.document(report);
    else printPorts(context.printer, report);
    return 0;
  },
};
