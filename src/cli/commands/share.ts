/** `lo share`: one service for other machines, behind a link with a token, as long as the command runs. */

import { LoopyardError } from '../../core/errors.ts';
import type { ShareReport } from '../../core/share.ts';
import { formatDuration } from '../../core/units.ts';
import { usage } from '../args.ts';
import type { Command, Context } from '../command.ts';
import { safe } from '../printer/text.ts';
import { webService } from '../web-service.ts';
import { countOption, durationOption, YES } from './shared.ts';

const USAGE = ['[SERVICE] [--address ADDRESS] [--port PORT] [--for DURATION] [--yes]'];
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

export const share: Command = {
  usage: USAGE,
  description: [
    'Opens one service to other machines of your network, for a phone or a colleague, until Ctrl-C or until its time is over. Whoever has the whole link is let in and keeps a cookie; everybody else gets a 403 that tells nothing. Nothing else of this machine is opened, and nothing stays open when the command ends, however it ends.',
    'It is HTTPS with a certificate made for this share: browsers warn once, and show the fingerprint that is printed here. The authority of `lo trust` has no part in it: it may vouch for this machine only.',
    'A development server was not made for strangers: who is let in can do there what you can. Share in networks that you trust.',
  ],
  positionals: [
    {
      name: 'SERVICE',
      summary: 'The name of a service; default: the first that speaks HTTP',
      count: 'optional',
      complete: 'services',
    },
  ],
  options: [
    {
      name: 'address',
      value: 'ADDRESS',
      summary: 'Of this machine; default: its first IPv4 address in a network near by',
    },
    { name: 'port', value: 'PORT', summary: 'Default: 8460, or any when that is taken' },
    {
      name: 'for',
      value: 'DURATION',
      summary: 'It ends by itself after so long: `30m`; default: `1h`, at most `24h`',
    },
    YES,
  ],
  rest: null,
  examples: [
    { command: 'lo share web', meaning: 'A link for a phone in the same network, for an hour.' },
    {
      command: 'lo share web --for 10m --address 192.168.1.7',
      meaning: 'On this address alone, for ten minutes.',
    },
  ],
  exits: {
    '0': 'it was shared, and its time is over',
    '1': 'the answer was no',
    '130': 'it was shared until Ctrl-C',
  },
  needsDaemon: true,
  run: async (context) => {
    const { args, aside, json, printer, target } = context;
    const forMs = durationOption(args, 'for') ?? HOUR_MS;
    if (forMs === 0 || forMs > DAY_MS)
      throw usage('--for is longer than nothing and at most 24h', { name: 'share', usage: USAGE });
    const port = countOption(args, 'port', 1, 65_535);
    const workbench = await context.connect();
    const { service, endpoint } = webService(await workbench.ps(target), args.positionals[0]);
    if (endpoint.protocol === 'https') throw ownTls(service.name);
    const local = await import('../../daemon/local.ts');
    const address = local.sharedAddress(args.text('address'));
    for (const line of warning(service.name, address, forMs)) aside.line(line);
    if (!(await context.confirm(`sharing ${service.name}`, `Share ${service.name} now?`))) return 1;
    const sharing = await local.share({
      service: service.name,
      target: { address: endpoint.address, port: endpoint.port },
      address,
      port,
      forMs,
      visited: (from, admitted) =>
        aside.line(
          safe(admitted ? `${from} opened the link` : `${from} came without the link, and was refused`),
        ),
    });
    if (json) printer.document(sharing.report);
    else describe(context, sharing.report);
    return await lasts(context, sharing);
  },
};

function ownTls(service: string): LoopyardError {
  return new LoopyardError('SHARE_REFUSED', {
    reason: `${service} speaks HTTPS itself, and what is shared is reached by plain HTTP`,
    fix: 'let it speak HTTP: names and shares have HTTPS of their own',
  });
}

function warning(service: string, address: string, forMs: number): readonly string[] {
  return [
    `This opens ${service} to other machines, at ${address}, for ${formatDuration(forMs)}: whoever has the link can do there what you can.`,
    'Development servers were not made for strangers: they may show source files and run what they are sent.',
  ];
}

function describe({ printer }: Context, { service, url, fingerprint, until }: ShareReport): void {
  printer.line('');
  printer.line(safe(`  ${url}`));
  printer.line('');
  printer.line(safe(`${service} is shared with whoever has this link, until ${until} or Ctrl-C.`));
  printer.line(safe('Browsers warn once, since the certificate is made for this share; its SHA-256 is'));
  printer.line(safe(`  ${fingerprint}`));
}

/** The exit code. */
async function lasts(
  { aside, interrupts }: Context,
  sharing: { readonly ended: Promise<void>; close(): void },
): Promise<number> {
  let code = 0;
  using _handled = interrupts.handle((signal) => {
    code = signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 129;
    sharing.close();
  });
  await sharing.ended;
  aside.line(code === 0 ? 'Its time is over: it is no longer shared.' : 'It is no longer shared.');
  return code;
}
