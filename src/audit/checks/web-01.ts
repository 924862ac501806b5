/** WEB-01: a server answers under any host name, so that a web page can reach it by DNS rebinding. */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import type { Http } from '../probe/http.ts';
import { ownPaths } from '../probe/paths.ts';
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
    const path = await pathWithContent(target.paths, http);
    if (path === null) return inconclusive('an honest request gets nothing to compare with');
    const control = await http.control(path);
    if (!(await http.distinguishes(path)))
      return inconclusive('it gives the same answer whatever it is asked');
    if (!(await http.isSteady(path))) return inconclusive('it answers two honest requests differently');
    for (const host of ['rebind-check.example', `${nonce()}.example`]) {
      const attack = await http.request({ path, host });
      if (!http.isAlike(control, attack, [host]))
        return safe(`a foreign Host gets another answer (${attack.status})`);
    }
    return vulnerable(
      'behavioural',
      [
        `two foreign host names got what localhost gets at ${path}`,
        'a path that does not exist gets another answer, so this is the real one',
      ],
      { fix: fixFor(target, FIXES) ?? web01.fix },
    );
  },
};

/** The first that gives an honest client something: of the config, else of those that are usual. Null: none does. */
async function pathWithContent(paths: readonly string[], http: Http): Promise<string | null> {
  for (const path of paths) {
    const control = await http.control(path);
    if (control.status < 300 && bodyText(control).trim() !== '') return path;
  }
  const [own] = await ownPaths(http, paths);
  return own?.path ?? null;
}

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
