/** `lo alias`: names for what Loopyard does not run. */

import { usage } from '../args.ts';
import type { Command } from '../command.ts';
import { printAliases } from '../view/alias-list.ts';

const USAGE = ['NAME TARGET', '', '--remove NAME'];

export const alias: Command = {
  usage: USAGE,
  description: [
    'Gives a name below `.localhost` to a port on this machine that Loopyard does not run: a container, a tunnel, a server that was started by hand. It is served like the names of services, HTTPS included, and is kept until it is removed.',
    'TARGET is a port, or a loopback address with one. A name that a service or another alias has is refused, with who holds it. Without arguments all aliases are listed.',
  ],
  positionals: [
    { name: 'NAME', summary: '`grafana`, or `grafana.localhost`', count: 'optional', complete: [] },
    { name: 'TARGET', summary: '`3000`, `127.0.0.1:3000` or `[::1]:3000`', count: 'optional', complete: [] },
  ],
  options: [{ name: 'remove', summary: 'Take the name away' }],
  rest: null,
  examples: [
    { command: 'lo alias grafana 3000', meaning: 'https://grafana.localhost leads to 127.0.0.1:3000.' },
    { command: 'lo alias', meaning: 'All aliases.' },
    { command: 'lo alias --remove grafana', meaning: 'The name is free again.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const { args, printer, json } = context;
    const [name, target] = args.positionals;
    const remove = args.flag('remove');
    const page = { name: 'alias', usage: USAGE };
    if (remove && (name === undefined || target !== undefined)) throw usage('--remove takes one name', page);
    if (!remove && name !== undefined && target === undefined)
      throw usage(`where shall ${name} lead? A port is missing`, page);
    const workbench = await context.connect();
    const list =
      name === undefined
        ? await workbench.aliases()
        : remove
          ? await workbench.unalias({ name })
          : await workbench.alias({ name, target: target ?? '' });
    if (json) printer.document(list);
    else printAliases(printer, list);
    return 0;
  },
};
