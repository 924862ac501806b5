/** HTT-04: a web server gives the version control data of the directory that it serves, and with it the history of every file. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { DOTFILE_FIXES } from '../fixes/dotfiles.ts';
import { fixFor } from '../fixes/programs.ts';
import { inconclusive, NO_END, notApplicable, safe, vulnerable } from '../verdict.ts';

export const htt04: ListenerCheck = {
  id: 'HTT-04',
  title: 'Gives version control data to whoever asks',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: false,
  references: ['CWE-527', 'CWE-538'],
  speaks: ['http', 'https'],
  requests: 7,
  fix: 'serve a directory of its own (`public/`, `dist/`) instead of the checkout, or refuse paths with a part that begins with a dot',
  probe:
    'Asks for `/.git/HEAD`, `/.git/config`, `/.git`, `/.svn/wc.db`, `/.hg/requires` and for a made-up name beside them. What comes is not kept.',
  rule: 'Vulnerable when one of them has the content that such a file always has, and a made-up name in the same place gives something else. Safe when none has.',
  examine: async (context) => {
    const { http, nonce, target } = context;
    if (!(await http.control()).whole) return inconclusive(NO_END);
    if ((await http.control()).status >= 500) return notApplicable('it answers with errors only');
    const beside = await contentOf(`/.git/${nonce()}`, context);
    const found: string[] = [];
    for (const { path, what, signature } of FILES) {
      const content = await contentOf(path, context);
      if (content === null || !signature.test(content)) continue;
      if (beside !== null && signature.test(beside)) continue;
      found.push(`${path} is ${what}`);
    }
    const [first, ...more] = found;
    if (first === undefined) return safe('no version control data is given');
    return vulnerable('proven', [first, 'a made-up name beside it gives something else', ...more], {
      fix: fixFor(target, DOTFILE_FIXES) ?? htt04.fix,
    });
  },
};

interface File {
  readonly path: string;
  readonly what: string;
  readonly signature: RegExp;
}

const FILES: readonly File[] = [
  {
    path: '/.git/HEAD',
    what: "Git's name of the current branch",
    signature: /^(?:ref: refs\/[^\s<>]+|[0-9a-f]{40}(?:[0-9a-f]{24})?)\s*$/,
  },
  {
    path: '/.git/config',
    what: "Git's settings, with the addresses of remotes",
    signature: /^\s*\[core\][\s\S]*=/,
  },
  { path: '/.git', what: 'the link of a Git worktree', signature: /^gitdir: [^\r\n<>]+\s*$/ },
  { path: '/.svn/wc.db', what: "Subversion's database", signature: /^SQLite format 3\0/ },
  { path: '/.hg/requires', what: "Mercurial's list of formats", signature: /^(?:[a-z][\w-]*\n){2,}$/ },
];

/** Null: it is not given. */
async function contentOf(path: string, { http }: ListenerContext): Promise<string | null> {
  const reply = await http.request({ path, confidential: true });
  return reply.status === 200 ? reply.body.toString('latin1') : null;
}
