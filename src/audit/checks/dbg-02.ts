/** DBG-02: a browser can be remote-controlled, with all that its user is logged in to. */

import type { ListenerCheck } from '../check.ts';
import { commandWords, fixFor } from '../fixes/programs.ts';
import { notApplicable, vulnerable } from '../verdict.ts';
import { DEVTOOLS_REQUESTS, devtoolsOf } from './debuggers/devtools.ts';

export const dbg02: ListenerCheck = {
  id: 'DBG-02',
  title: 'A browser is open to remote debugging',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: false,
  references: ['CWE-489'],
  speaks: ['http', 'https'],
  requests: DEVTOOLS_REQUESTS,
  fix: 'start it with `--remote-debugging-pipe` instead of `--remote-debugging-port`, or with a `--user-data-dir` of its own that is logged in nowhere',
  probe: 'Reads `/json/version` and `/json/list`. No debugger is attached.',
  rule: 'Vulnerable when it offers a WebSocket to the whole browser and lists its pages. High when it was told to take every origin (`--remote-allow-origins=*`).',
  examine: async ({ http, target }) => {
    const devtools = await devtoolsOf(http);
    if (devtools?.isBrowser !== true) return notApplicable('no browser can be debugged here');
    const takesAll = /--remote-allow-origins=['"]?\*/.test(commandWords(target));
    return vulnerable(
      'behavioural',
      [
        `\`/json/version\` says ${devtools.program}, and offers a WebSocket to the whole browser`,
        `\`/json/list\` tells its ${devtools.targets} pages and workers`,
        ...(takesAll ? ['it was started with `--remote-allow-origins=*`: every web page may connect'] : []),
      ],
      {
        fix: takesAll ? 'take `--remote-allow-origins=*` away' : (fixFor(target, FIXES) ?? dbg02.fix),
        ...(takesAll ? { severity: { loopback: 'high', network: 'critical' } as const } : {}),
      },
    );
  },
};

const FIXES = [
  {
    program: /\belectron\b/,
    fix: 'start it without `--remote-debugging-port`, and turn the fuse `EnableNodeCliInspectArguments` off in what is shipped',
  },
];
