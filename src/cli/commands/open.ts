/** `lo open`: a service's URL, in the browser where there is one. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SCHEMA_VERSION } from '../../core/status.ts';
import type { Command } from '../command.ts';
import { safe } from '../printer/text.ts';
import { webService } from '../web-service.ts';
import type { Variables } from '../world.ts';

export const open: Command = {
  usage: ['[SERVICE] [--print]'],
  description: [
    'Prints the URL of a service and opens it in the browser. Without a name the first service that speaks HTTP is meant. Where there is no display, and with `--print` or `--json`, it is only printed. BROWSER names another program.',
  ],
  positionals: [
    { name: 'SERVICE', summary: 'The name of a service', count: 'optional', complete: 'services' },
  ],
  options: [{ name: 'print', summary: 'Only print the URL' }],
  rest: null,
  examples: [
    { command: 'lo open', meaning: 'The web front of this environment.' },
    { command: 'curl "$(lo open api --print)/healthz"', meaning: 'The URL for another program.' },
  ],
  exits: {},
  needsDaemon: true,
  run: async (context) => {
    const { args, printer, target, json, variables } = context;
    const workbench = await context.connect();
    const status = await workbench.ps(target);
    const { service, endpoint } = webService(status, args.positionals[0]);
    const found = { service: service.name, url: endpoint.names[0] ?? endpoint.url };
    if (json) printer.document({ schema: SCHEMA_VERSION, ...found });
    else printer.line(safe(found.url));
    if (json || args.flag('print')) return 0;
    const browser = browserOf(variables);
    if (browser !== null) await launch(browser, found.url, variables);
    return 0;
  },
};

/** Asked of the machine by what is there: a display and its opener, or the opener that macOS brings. */
function browserOf(variables: Variables): string | null {
  const { BROWSER: wished = '', DISPLAY: x11 = '', WAYLAND_DISPLAY: wayland = '', PATH = '' } = variables;
  if (wished !== '') return wished;
  if (x11 !== '' || wayland !== '') {
    const found = PATH.split(delimiter).find((directory) => existsSync(join(directory, 'xdg-open')));
    return found === undefined ? null : join(found, 'xdg-open');
  }
  return existsSync('/System/Library/CoreServices') ? '/usr/bin/open' : null;
}

/** Resolves once the opener has started; how the browser fares is not our business. */
async function launch(browser: string, url: string, variables: Variables): Promise<void> {
  const child = spawn(browser, [url], { stdio: 'ignore', detached: true, env: variables });
  await new Promise<void>((resolve) => {
    child.once('spawn', resolve);
    // The URL stands on the screen: that is enough to go on with.
    child.once('error', () => resolve());
  });
  child.unref();
}
