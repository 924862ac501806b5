/** HTT-02: a development server gives files outside the project by their absolute path, whatever it forbids. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import type { Reply } from '../probe/reply.ts';
import { inconclusive, NO_END, type Outcome, safe, vulnerable } from '../verdict.ts';

export const htt02: ListenerCheck = {
  id: 'HTT-02',
  title: 'Development server gives files that it forbids',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: true,
  references: ['CWE-284', 'CVE-2025-30208', 'CVE-2025-31125', 'CVE-2025-31486', 'CVE-2025-32395'],
  speaks: ['http', 'https'],
  requests: 20,
  fix: 'update the development server; decide what may be read after the query has been taken off and the path resolved, never before',
  probe:
    'Asks for a file that Loopyard has just made outside the project, by the path for files of the disk (`/@fs/`), plainly and with the queries by which lists of forbidden files were evaded; then for `/.env` with the same queries.',
  rule: 'Vulnerable when the random content of our file comes back, as it is or in Base64; or when `/.env` is refused plainly, comes with a query, and a file with a made-up name beside it does not.',
  examine: async (context) => {
    const { http, canary, nonce } = context;
    if (!(await http.control()).whole) return inconclusive(NO_END);
    const { path, content } = await canary();
    const control = await http.request({ path: `/@fs${path.replace(/[^/]*$/, nonce())}` });
    if (holds(control, content)) return inconclusive('a file that does not exist gives that content too');
    for (const query of QUERIES) {
      const reply = await http.request({ path: `/@fs${path}${query}` });
      if (holds(reply, content))
        return leaked(`/@fs/… ${query === '' ? 'as it is' : `with ${query}`}`, context);
    }
    // Some programs resolve what comes after a fragment or a query that clients never send.
    for (const [words, before] of HIDDEN_CLIMBS) {
      const reply = await http.request({ path: `/@fs${before}${'/..'.repeat(12)}${path}` });
      if (holds(reply, content)) return leaked(`a climb behind ${words}`, context);
    }
    return (await forbidden(context)) ?? safe('our file outside the project was not given');
  },
};

/** CVE-2025-30208, -31125, -31486 and what was found beside them. */
const QUERIES: readonly string[] = [
  '',
  '?raw',
  '?import&raw??',
  '?raw??',
  '?raw?import',
  '?inline&import',
  '?import&?inline=1.wasm?init',
  '?.svg?.wasm?init',
  '?url',
];
const HIDDEN_CLIMBS: readonly (readonly [string, string])[] = [
  ['a fragment', '/x/x/x#'],
  ['a question mark', '/x/x/x/?'],
];

function holds({ body }: Reply, content: string): boolean {
  const plain = content.trim();
  // The end of it depends on what follows.
  const encoded = Buffer.from(plain).toString('base64').slice(0, 20);
  return body.includes(plain) || body.includes(encoded);
}

function leaked(how: string, { target }: ListenerContext): Outcome {
  return vulnerable(
    'proven',
    [
      `a file outside the project came back, with the random content that Loopyard had written, by ${how}`,
      'a file beside it that does not exist gives something else',
    ],
    { fix: fixFor(target, FIXES) ?? htt02.fix },
  );
}

/** Of the project itself, where no file of ours can be: what is refused plainly must be refused always. */
async function forbidden(context: ListenerContext): Promise<Outcome | null> {
  const { http, nonce, target } = context;
  const plain = await http.request({ path: '/.env' });
  if (plain.status !== 401 && plain.status !== 403) return null;
  for (const query of ['?raw??', '?import&raw??', '?raw?import']) {
    if (!isSettings(await http.request({ path: `/.env${query}`, confidential: true }))) continue;
    if (isSettings(await http.request({ path: `/.${nonce()}${query}`, confidential: true }))) continue;
    return vulnerable(
      'behavioural',
      [
        `/.env is refused plainly (${plain.status}) and given with ${query}`,
        'what came has lines like NAME=value, and a made-up name beside it gives none',
      ],
      { fix: fixFor(target, FIXES) ?? htt02.fix },
    );
  }
  return null;
}

function isSettings({ status, body }: Reply): boolean {
  return status === 200 && ASSIGNMENT.test(body.toString('latin1'));
}

const ASSIGNMENT = /(?:^|["'`\n]|\\n)[A-Z][A-Z0-9_]+=/;

const FIXES: readonly ProgramFix[] = [
  {
    program: /\bvite\b/,
    fix: 'update vite to 6.4.2, 7.3.2, 8.0.5 or later, and leave `server.fs.strict` on',
  },
];
