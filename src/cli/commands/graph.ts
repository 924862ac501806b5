/** `lo graph`: who talks to whom, now. */

import { usage } from '../args.ts';
import type { Command } from '../command.ts';
import { printGraph } from '../view/live-graph.ts';

const USAGE = ['--live'];

export const graph: Command = {
  usage: USAGE,
  description: [
    'Draws who talks to whom in this environment: an arrow for each link with what flows over it now, and one for each process that is connected to a service without a link.',
  ],
  positionals: [],
  options: [{ name: 'live', summary: 'What is so now, by open connections and rates' }],
  rest: null,
  examples: [
    { command: 'lo graph --live', meaning: 'The services as they talk now.' },
    { command: 'watch lo graph --live', meaning: 'Again and again; `lo link ls --follow` has the figures.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    if (!context.args.flag('live'))
      throw usage('only what is so now can be drawn', { name: 'graph', usage: USAGE });
    const workbench = await context.connect();
    const list = await workbench.links(context.target);
    if (context.json) context.printer.document(list);
    else printGraph(context.printer, list, context.world.now());
    return 0;
  },
};
