/** WEB-05: pages of other sites can run a server's scripts as their own and read what these define (cross-site script inclusion). */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { pageScripts } from '../probe/paths.ts';
import { bodyText, header, type Reply } from '../probe/reply.ts';
import { inconclusive, notApplicable, safe, vulnerable } from '../verdict.ts';

export const web05: ListenerCheck = {
  id: 'WEB-05',
  title: 'Pages of every site can include its scripts',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: false,
  references: ['CWE-829', 'CVE-2025-30359', 'CVE-2026-6402'],
  speaks: ['http', 'https'],
  requests: 6,
  fix: 'send `Cross-Origin-Resource-Policy: same-origin` with every script; refusing `Sec-Fetch-Site: cross-site` alone is not enough, since browsers send it to trustworthy origins only',
  probe:
    "GET of the first page's scripts as another site's page asks for them: once with `Sec-Fetch-Site: cross-site`, once without such headers, as over plain HTTP.",
  rule: 'Vulnerable when a classic script that defines something its page can read (globals, bundled modules, JSONP) comes both ways without `Cross-Origin-Resource-Policy: same-origin` or `same-site`. Safe when it has that header or is refused, is a module, or keeps everything to itself.',
  examine: async ({ target, http }) => {
    const scripts = (await pageScripts(http)).filter(({ classic }) => classic);
    if (scripts.length === 0) return notApplicable('its page has no classic script of its own');
    let because = 'its scripts are not given to pages of other sites';
    for (const { path } of scripts) {
      const control = await http.control(path);
      if (!isScript(control)) continue;
      if (http.isAlike(control, await http.miss('page'), [path]))
        return inconclusive('a script that does not exist gets the same answer');
      // What is told last decides: older browsers, and all of them over plain HTTP, send no such headers.
      const modern = await http.request({ path, headers: CROSS_SITE });
      const plain = await http.request({ path });
      const given = [modern, plain].find((reply) => isGiven(reply) && http.isAlike(control, reply, [path]));
      if (given === undefined) continue;
      const defined = whatIsDefined(bodyText(given).slice(0, 200_000));
      if (defined === null) {
        because = 'its scripts define nothing that another page could read';
        continue;
      }
      return vulnerable(
        'behavioural',
        [
          `${path} is given to pages of other sites${given === plain ? ' that send no Sec-Fetch-Site' : ''}, without Cross-Origin-Resource-Policy`,
          `whoever includes it can read ${defined}`,
        ],
        { fix: fixFor(target, FIXES) ?? web05.fix },
      );
    }
    return safe(because);
  },
};

const CROSS_SITE = {
  'sec-fetch-site': 'cross-site',
  'sec-fetch-mode': 'no-cors',
  'sec-fetch-dest': 'script',
};

function isScript(reply: Reply): boolean {
  return reply.status === 200 && /javascript|ecmascript/i.test(header(reply, 'content-type') ?? '');
}

function isGiven(reply: Reply): boolean {
  return (
    isScript(reply) &&
    !/^same-(?:origin|site)$/i.test(header(reply, 'cross-origin-resource-policy')?.trim() ?? '')
  );
}

/** Null: the script keeps it to itself, as functions that are called at once do, or no classic script at all. */
function whatIsDefined(script: string): string | null {
  if (/^\s*(?:import\b(?!\s*\()|export\b)/m.test(script)) return null;
  if (
    /\b(?:self|window|globalThis)\[["']webpack(?:Chunk|HotUpdate)|__webpack_modules__|\bparcelRequire\b/.test(
      script,
    )
  )
    return 'the modules bundled in it, with their source';
  if (/^[\w$.]{1,60}\((?:\{|\[)/.test(script.trim())) return 'the data that it hands to a function (JSONP)';
  const name = GLOBALS.map((pattern) => pattern.exec(script)?.[1]).find((one) => one !== undefined);
  return name === undefined ? null : `what it defines for the whole page, such as \`${name}\``;
}

/** At the beginning of a line: deeper ones are of functions. */
const GLOBALS: readonly RegExp[] = [
  /^(?:var|let|const|class)\s+([\w$]+)/m,
  /^(?:async\s+)?function\*?\s+([\w$]+)/m,
  /^(?:window|self|globalThis)\.([\w$]+)\s*=(?!=)/m,
];

const FIXES: readonly ProgramFix[] = [
  {
    program: /\bwebpack(?:-dev-server)?\b/,
    fix: 'update webpack-dev-server to 5.2.4 or later: it then sends `Cross-Origin-Resource-Policy: same-origin`',
  },
  {
    program: /\bnode\b/,
    fix: "send `Cross-Origin-Resource-Policy: same-origin` with scripts: with Express `app.use(helmet())`, or `res.set('Cross-Origin-Resource-Policy', 'same-origin')`",
  },
];
