/** DBG-01: a JavaScript runtime can be debugged, which is to run any code in it. */

import type { ListenerCheck } from '../check.ts';
import { fixFor } from '../fixes/programs.ts';
import { notApplicable, vulnerable } from '../verdict.ts';
import { DEVTOOLS_REQUESTS, devtoolsOf } from './debuggers/devtools.ts';

export const dbg01: ListenerCheck = {
  id: 'DBG-01',
  title: 'A JavaScript debugger is open',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'critical' },
  intrusive: false,
  references: ['CWE-489', 'CVE-2018-7160'],
  speaks: ['http', 'https'],
  requests: DEVTOOLS_REQUESTS,
  fix: 'start it without `--inspect` when nobody debugs, and never as `--inspect=0.0.0.0`',
  probe: 'Reads `/json/version` and `/json/list`. No debugger is attached.',
  rule: 'Vulnerable when it tells the version of the protocol and lists what can be debugged. That it is on loopback makes it low: then only programs of this machine come in.',
  examine: async ({ http, target }) => {
    const devtools = await devtoolsOf(http);
    if (devtools === null || devtools.isBrowser) return notApplicable('no runtime can be debugged here');
    if (devtools.targets === 0) return notApplicable('there is nothing that can be debugged');
    return vulnerable(
      'behavioural',
      [
        `\`/json/version\` says ${devtools.program}, and speaks the DevTools protocol`,
        `\`/json/list\` offers ${devtools.targets} to debug, without a password`,
      ],
      { fix: fixFor(target, FIXES) ?? dbg01.fix },
    );
  },
};

const FIXES = [
  {
    program: /\bdeno\b/,
    fix: 'start it without `--inspect`, `--inspect-brk` and `--inspect-wait` when nobody debugs',
  },
  {
    program: /\b(?:wrangler|workerd)\b/,
    fix: 'give it `--inspector-port 0` or `--inspector-ip 127.0.0.1`',
  },
];
