/** HTT-01: a server gives files outside the directory that it serves (path traversal). Proved by a file of our own, or by a way out and in again. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { pageScripts } from '../probe/paths.ts';
import { climbs } from '../probe/traversal.ts';
import { inconclusive, NO_END, type Outcome, safe, vulnerable } from '../verdict.ts';

export const htt01: ListenerCheck = {
  id: 'HTT-01',
  title: 'Gives files outside the directory that it serves',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'high', network: 'high' },
  intrusive: true,
  references: ['CWE-22', 'CWE-23'],
  speaks: ['http', 'https'],
  requests: 116,
  fix: 'decode the path once, resolve it against the root, and refuse it unless it still begins with the root and a separator; or leave files to a maintained static server',
  probe:
    'Asks for a file that Loopyard has just made in the directory for temporary files, by paths that climb out of the root: plain, percent-encoded once and twice, with backslashes, overlong bytes, doubled dots, an absolute URL, below the usual directories and those of the page. For a script of the page, `/js/app.js`, also by `/js../js/app.js`.',
  rule: 'Vulnerable when the random content of that file comes back, and a file beside it that does not exist gives something else; or when the way out of a directory and in again gives the very script, while a made-up directory does not. Inconclusive in a container, which has other files.',
  examine: async (context) => {
    const { http, canary, nonce } = context;
    if (!(await http.control()).whole) return inconclusive(NO_END);
    const { path, content } = await canary();
    for (const { form, target } of climbs(path, await directories(context))) {
      const reply = await http.attempt({ path: target(http.authority) });
      if (reply?.body.includes(content.trim()) !== true) continue;
      const beside = climbs(path.replace(/[^/]*$/, nonce()), []).find((one) => one.form === form);
      const other = beside === undefined ? null : await http.attempt({ path: beside.target(http.authority) });
      if (other?.body.includes(content.trim()) === true)
        return inconclusive('every path gives that content now');
      return leaked(form, context);
    }
    const slipped = await slipping(context);
    if (slipped !== null) return slipped;
    if (context.target.listeners[0]?.container != null)
      return inconclusive('it runs in a container, where our file does not exist');
    return safe('no path led to a file outside its root');
  },
};

/**
 * One step up from a directory that is put in the place of a prefix without its slash: too short a way to our file, long enough to
 * come back in by the door.
 */
async function slipping({ http, nonce, target }: ListenerContext): Promise<Outcome | null> {
  for (const { path } of await pageScripts(http)) {
    const [, directory = '', rest = ''] = /^\/([\w.-]+)(\/[^?]+)/.exec(path) ?? [];
    const script = await http.control(path);
    if (directory === '' || script.status !== 200 || script.body.length === 0) continue;
    const around = `/${directory}../${directory}${rest}`;
    if ((await http.attempt({ path: around }))?.body.equals(script.body) !== true) continue;
    const other = await http.request({ path: `/${directory}${nonce()}/${directory}${rest}` });
    if (other.body.equals(script.body)) return null;
    return vulnerable(
      'behavioural',
      [
        `${around} gives what ${path} gives: it was led out of that directory by \`..\`, and in again`,
        'the same with another word in the place of the dots gives something else',
      ],
      { fix: fixFor(target, FIXES) ?? htt01.fix },
    );
  }
  return null;
}

/** Where a server may hand over to another part of itself that reads files. */
const USUAL: readonly string[] = ['/static', '/public', '/assets', '/files'];
const MOST_DIRECTORIES = 6;

async function directories({ http }: ListenerContext): Promise<readonly string[]> {
  const scripts = await pageScripts(http);
  const own = scripts.flatMap(({ path }) => /^(\/[\w.-]+)\//.exec(path)?.[1] ?? []);
  return [...new Set([...own, ...USUAL])].slice(0, MOST_DIRECTORIES);
}

function leaked(form: string, { target }: ListenerContext): Outcome {
  return vulnerable(
    'proven',
    [
      `a file outside its root came back, with the random content that Loopyard had written, by ${form}`,
      'a file beside it that does not exist gives something else',
    ],
    { fix: fixFor(target, FIXES) ?? htt01.fix },
  );
}

const FIXES: readonly ProgramFix[] = [
  { program: /\bnginx\b/, fix: 'end both with a slash: `location /static/ { alias /srv/static/; }`' },
  {
    program: /\b(?:node|tsx|nodemon|bun)\b/,
    fix: "serve files with `express.static(root)`, or check before reading: `const file = resolve(root, '.' + decodeURIComponent(pathname)); if (!file.startsWith(root + sep)) refuse()`",
  },
  {
    program: /\bpython/,
    fix: 'check before reading: `path = (root / name).resolve()`, then `path.is_relative_to(root)`; Flask: `send_from_directory(root, name)`',
  },
];
