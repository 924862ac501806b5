/** WEB-01: a server answers under any host name, so that a web page can reach it by DNS rebinding. */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { bodyText } from '../probe/reply.ts';
import { inconclusive, safe, vulnerable } from '../verdict.ts';

export const web01: ListenerCheck = {
  id: 'WEB-01',
  title: 'Answers under foreign host names (DNS rebinding)',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: true,
  references: ['CWE-350', 'CWE-346'],
  speaks: ['http', 'https'],
  requests: 2,
  fix: 'answer only to the host names that you serve: refuse every other Host with 403 or 421',
  probe: 'Sends GET with two foreign names as Host, one of them random.',
  rule: 'Vulnerable when both get the very page that an honest request gets, while a path that does not exist gets another one. Safe when the answer differs.',
  examine: async ({ target, http, nonce }) => {
    const control = await http.control();
    if (control.status >= 400 || bodyText(control).trim() === '')
      return inconclusive(`an honest request gets nothing to compare with (${control.status})`);
    if (!(await http.distinguishes())) return inconclusive('it gives the same answer whatever it is asked');
    if (!(await http.isSteady())) return inconclusive('it answers two honest requests differently');
    for (const host of ['rebind-check.example', `${nonce()}.example`]) {
      const attack = await http.request({ host });
      if (!http.isAlike(control, attack, [host]))
        return safe(`a foreign Host gets another answer (${attack.status})`);
    }
    return vulnerable(
      'behavioural',
      [
        'two foreign host names got the page that localhost gets',
        'a path that does not exist gets another answer, so this is the real page',
      ],
      { fix: fixFor(target, FIXES) ?? web01.fix },
    );
  },
};

const FIXES: readonly ProgramFix[] = [
  {
    program: /\bvite\b/,
    fix: 'update vite to 6.0.9, 5.4.12 or later, and do not set `server.allowedHosts: true`',
  },
  {
    program: /\bwebpack(?:-dev-server)?\b/,
    fix: "take `devServer.allowedHosts: 'all'` out of webpack.config",
  },
];
