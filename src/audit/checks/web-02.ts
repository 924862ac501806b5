/** WEB-02: what a server answers may be read by the pages of every site (CORS). */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { ownPaths } from '../probe/paths.ts';
import { header, type Reply } from '../probe/reply.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const web02: ListenerCheck = {
  id: 'WEB-02',
  title: 'Every web site may read its answers (CORS)',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: true,
  references: ['CWE-942', 'CVE-2025-24010', 'GHSA-67mh-4wv8-2f99'],
  speaks: ['http', 'https'],
  requests: 12,
  fix: 'send `Access-Control-Allow-Origin` only to origins from a list of your own, compared as whole strings; for a server that only its own pages use, send none',
  probe:
    'Sends GET for up to six paths that give something of their own, with the Origin of a foreign site, then with `Origin: null`.',
  rule: 'Vulnerable when a 2xx answer is what an honest request gets and `Access-Control-Allow-Origin` is `*`, the foreign origin itself, or `null` for `Origin: null`; high when credentials are allowed as well. Safe when it is absent or names another origin.',
  examine: async (context) => {
    const { http, nonce } = context;
    const paths = await ownPaths(http, context.target.paths);
    if (paths.length === 0) return notApplicable('no path gives anything that is worth reading');
    const site = `http://${nonce()}.example`;
    for (const { path, reply } of paths)
      for (const origin of [site, 'null']) {
        const attack = await http.request({ path, headers: { origin } });
        const allowed = header(attack, 'access-control-allow-origin');
        if (allowed === null || !letsIn(allowed, origin) || !http.isAlike(reply, attack, [origin, path]))
          continue;
        return found(context, { path, origin, allowed, attack });
      }
    return safe('no foreign origin is let in');
  },
};

/** As browsers compare it. */
export function letsIn(allowed: string, origin: string): boolean {
  return allowed === '*' || allowed === origin;
}

interface Seen {
  readonly path: string;
  readonly origin: string;
  readonly allowed: string;
  readonly attack: Reply;
}

function found({ target }: ListenerContext, { path, origin, allowed, attack }: Seen): Outcome {
  // Browsers ignore credentials together with `*`.
  const withCookies =
    allowed !== '*' && header(attack, 'access-control-allow-credentials')?.toLowerCase() === 'true';
  const who =
    origin === 'null' ? 'a sandboxed frame of any site (`Origin: null`)' : 'a foreign site that was made up';
  return vulnerable(
    'behavioural',
    [
      `${path} answers ${who} with \`Access-Control-Allow-Origin: ${allowed === '*' || allowed === 'null' ? allowed : 'that very origin'}\``,
      'the body is the one that an honest request gets, and a path that does not exist gets another',
      ...(withCookies ? ['credentials are allowed as well'] : []),
    ],
    {
      fix: fixFor(target, FIXES) ?? web02.fix,
      ...(withCookies ? { severity: { loopback: 'high', network: 'high' } } : {}),
    },
  );
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\bvite\b/,
    fix: 'update vite to 6.0.9, 5.4.12 or later, and take `server.cors: true` out of vite.config (or give it a list of origins)',
  },
  {
    program: /\bwebpack(?:-dev-server)?\b/,
    fix: 'take `Access-Control-Allow-Origin` out of `devServer.headers` in webpack.config',
  },
  { program: /\bhttp-server\b/, fix: 'start it without `--cors`' },
  { program: /\besbuild\b/, fix: 'update esbuild to 0.25.0 or later' },
  {
    program: /\b(?:node|tsx|nodemon|bun|deno)\b/,
    fix: "give the middleware a list: `app.use(cors({ origin: ['http://localhost:5173'] }))`; `cors()` alone lets everybody in",
  },
];
