/** WEB-03: the origins that a server lets in are matched by a part of their name, so that anybody can register one that fits. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { ownPaths } from '../probe/paths.ts';
import { header } from '../probe/reply.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const web03: ListenerCheck = {
  id: 'WEB-03',
  title: 'Allowed origins are matched by a part of their name',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: true,
  references: ['CWE-1385', 'CWE-185'],
  speaks: ['http', 'https'],
  requests: 14,
  fix: "compare the whole Origin with a list: `['http://localhost:3000'].includes(origin)`; a pattern needs `^`, `$` and escaped dots",
  probe:
    'Sends GET with origins that only look local: localhost and 127.0.0.1 as the beginning of a foreign name or the end of another word, over http and https, and a foreign one for comparison.',
  rule: 'Vulnerable when one of them is allowed with a made-up name in it, while a plain foreign origin is not. Not applicable when every origin is allowed (WEB-02). Origins that no browser can send, such as ones with a user name, are not tried.',
  examine: async (context) => {
    const { http, nonce } = context;
    const [first] = await ownPaths(http, context.target.paths);
    // Origins are mostly looked at before paths are.
    const path = first?.path ?? '/';
    const isAllowed = async (origin: string): Promise<boolean> =>
      header(await http.request({ path, headers: { origin } }), 'access-control-allow-origin') === origin;
    const stranger = `http://${nonce()}.example`;
    const open = header(
      await http.request({ path, headers: { origin: stranger } }),
      'access-control-allow-origin',
    );
    if (open === '*' || open === stranger) return notApplicable('it lets every origin in, see WEB-02');
    for (const make of disguises(context)) {
      if (!(await isAllowed(make(nonce())))) continue;
      // Once more with another name: nobody has both on a list.
      const again = make(nonce());
      if (!(await isAllowed(again))) continue;
      return vulnerable('behavioural', [
        `the foreign origin ${again} is allowed, and so is the same with another made-up name`,
        'a foreign origin without a local word in it is not: parts of names are compared',
      ]);
    }
    return safe('no origin is allowed that only looks local');
  },
};

/** From a word that was made up to an origin that anybody could have. */
function disguises({ target }: ListenerContext): readonly ((word: string) => string)[] {
  const [host = 'localhost'] = target.authority.split(/:\d+$/);
  const names = [...new Set(['localhost', '127.0.0.1', ...(host.startsWith('[') ? [] : [host])])];
  return ['http', 'https'].flatMap((scheme) => [
    ...names.map((name) => (word: string) => `${scheme}://${name}.${word}.example`),
    (word: string) => `${scheme}://${word}localhost`,
    (word: string) => `${scheme}://localhost-${word}.example`,
  ]);
}
