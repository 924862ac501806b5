/** `lo explain ADDRESS[:PORT]`: what an address, a name or a port is. */

import type { Command } from '../command.ts';
import { inspectorFor } from '../inspection.ts';
import { printExplanation } from '../view/explain-page.ts';

export const explain: Command = {
  usage: ['ADDRESS[:PORT]'],
  description: [
    'Says what an address, a name or a port is: this machine or another, private or public, for which service a port is registered and for what it is commonly used, which names lead there, what listens there and who may reach it.',
    'Every spelling is read: `127.1`, `[::1]:5432`, `::ffff:127.0.0.1`, `localhost`, `web.shop.localhost`, `:3000`, `http://localhost:3000/x`. No other machine is asked anything: a name that only another machine may know is not looked up.',
  ],
  positionals: [
    {
      name: 'ADDRESS[:PORT]',
      summary: 'An address or a name, with or without a port; a port alone; a URL',
      count: 'one',
      complete: [],
    },
  ],
  options: [],
  rest: null,
  examples: [
    { command: 'lo explain 127.0.0.1:62893', meaning: 'What is at this place.' },
    { command: 'lo explain localhost', meaning: 'Where the name leads on this machine, and by what.' },
    { command: 'lo explain 127.64.3.2', meaning: 'Which service has this address.' },
    { command: 'lo explain 5432', meaning: 'What the port is for, and who has it here.' },
  ],
  exits: {},
  needsDaemon: false,
  run: async (context) => {
    const inspector = await inspectorFor(context);
    const report = await inspector.explain({ subject: context.args.positionals[0] ?? '' });
    if (context.json) context.printer.document(report);
    else printExplanation(context.printer, report);
    return 0;
  },
};
