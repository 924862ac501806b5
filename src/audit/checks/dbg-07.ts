/** DBG-07: a WebDriver server, which starts browsers and programs, takes commands from web pages or other machines. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor } from '../fixes/programs.ts';
import { dig, jsonOf } from '../probe/json.ts';
import type { Reply } from '../probe/reply.ts';
import { networkSigns } from '../probe/strangers.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const dbg07: ListenerCheck = {
  id: 'DBG-07',
  title: 'WebDriver takes commands from strangers',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-352'],
  speaks: ['http', 'https'],
  requests: 5,
  fix: 'let it listen on 127.0.0.1 only, and refuse foreign Host and Origin',
  probe:
    'Reads `/status` (and `/wd/hub/status`), and asks for the URL of a session that nobody has; then `/status` with a foreign Host, and with a foreign Origin. No session is made.',
  rule: 'Vulnerable when a foreign Host or Origin gets what an honest request gets, or other machines reach it. Safe when both are refused.',
  examine: async (context) => {
    const found = await statusOf(context);
    if (found === null) return notApplicable('it is no WebDriver server');
    const { http, target } = context;
    const { path, honest } = found;
    const host = 'rebind-check.example';
    const rebound = await http.request({ path, host });
    const crossed = await http.request({ path, headers: { origin: 'http://evil.example' } });
    const [first, ...rest] = [
      ...(http.isAlike(honest, rebound, [host])
        ? ['a foreign Host gets the same answer (DNS rebinding)']
        : []),
      ...(http.isAlike(honest, crossed)
        ? ['a foreign Origin gets the same answer (cross-site requests)']
        : []),
      ...networkSigns(target),
    ];
    if (first === undefined) return safe('it refuses a foreign Host and a foreign Origin');
    return vulnerable(
      'behavioural',
      [
        `\`${path}\` tells that sessions can be made, and sessions have the errors of WebDriver`,
        first,
        ...rest,
      ],
      { fix: fixFor(target, FIXES) ?? dbg07.fix },
    );
  },
};

/** Null: it is none. */
async function statusOf({ http, nonce }: ListenerContext): Promise<{ path: string; honest: Reply } | null> {
  for (const prefix of ['', '/wd/hub']) {
    const path = `${prefix}/status`;
    const honest = await http.request({ path });
    if (typeof dig(jsonOf(honest), 'value', 'ready') !== 'boolean') continue;
    const error = await http.request({ path: `${prefix}/session/${nonce()}/url` });
    return error.status >= 400 && typeof dig(jsonOf(error), 'value', 'error') === 'string'
      ? { path, honest }
      : null;
  }
  return null;
}

const FIXES = [
  {
    program: /\bchromedriver\b|\bmsedgedriver\b/,
    fix: 'start it without `--allowed-origins=*` and `--allowed-ips`',
  },
  { program: /\bgeckodriver\b/, fix: 'start it without `--allow-hosts` and `--allow-origins`' },
  {
    program: /\bselenium\b/i,
    fix: 'start it with `--host 127.0.0.1` and `--username`/`--password`',
  },
  {
    program: /\bappium\b/,
    fix: 'start it with `--address 127.0.0.1` and a `--base-path` that nobody can guess',
  },
];
