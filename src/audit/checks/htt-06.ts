/** HTT-06: a web server lists the files of its directories. */

import type { ListenerCheck, ListenerContext } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { type Listing, listingOf } from '../probe/listing.ts';
import { pageScripts } from '../probe/paths.ts';
import type { Reply } from '../probe/reply.ts';
import { inconclusive, NO_END, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const htt06: ListenerCheck = {
  id: 'HTT-06',
  title: 'Lists the files of its directories',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: false,
  references: ['CWE-548'],
  speaks: ['http', 'https'],
  requests: 22,
  fix: 'switch directory listings off',
  probe:
    'Asks for `/`, for the directories of its scripts and for usual ones, and then for `index.html` and up to three of the files that are listed.',
  rule: 'Vulnerable when a page links entries of its own directory by their names and little else, has the marks of a listing (title, way up, sorting; or two entries and more, each with a size or date), and listed files come while a made-up one does not. Safe when the page is the directory’s own `index.html`.',
  examine: async (context) => {
    const { http } = context;
    if (!(await http.control()).whole) return inconclusive(NO_END);
    const directories = ['/', ...(await own(context)), ...USUAL];
    let suspected = 0;
    for (const directory of [...new Set(directories)].slice(0, MOST_DIRECTORIES)) {
      const page = directory === '/' ? await http.control() : await http.request({ path: directory });
      const listing = listingOf(page, directory, http.authority);
      if (listing === null) continue;
      const outcome = await confirmed({ directory, page, ...listing }, context);
      if (outcome !== null) return outcome;
      suspected += 1;
      if (suspected === MOST_SUSPECTED) break;
    }
    return (await http.control()).status < 300
      ? safe('no directory is listed')
      : notApplicable('it has no first page');
  },
};

const USUAL: readonly string[] = [
  '/src/',
  '/assets/',
  '/static/',
  '/public/',
  '/files/',
  '/js/',
  '/images/',
  '/uploads/',
];
const MOST_DIRECTORIES = 11;
const MOST_FILES = 3;
/** Whoever only looks like it twice does so everywhere. */
const MOST_SUSPECTED = 2;

async function own({ http }: ListenerContext): Promise<readonly string[]> {
  return (await pageScripts(http)).map(({ path }) => path.replace(/[^/]*$/, '').replace(/\?.*$/, ''));
}

interface Suspect extends Listing {
  readonly directory: string;
  readonly page: Reply;
}

/** Null: somebody wrote that page, it is another one each time, or what is listed is not there. */
async function confirmed(
  { directory, page, links, sign }: Suspect,
  { http, nonce, target }: ListenerContext,
): Promise<Outcome | null> {
  const index = `${directory}index.html`;
  if (http.isAlike(page, await http.request({ path: index }), [index])) return null;
  const again = listingOf(await http.request({ path: directory }), directory, http.authority);
  if (again?.links.join() !== links.join()) return null;
  const beside = await http.request({ path: `${directory}${nonce()}` });
  let there = 0;
  for (const link of links.slice(0, MOST_FILES)) {
    const path = link.startsWith('/') ? link : `${directory}${link.replace(/^\.\//, '')}`;
    const reply = await http.request({ path, confidential: true });
    if (reply.status < 400 && !http.isAlike(reply, beside, [path, link])) there += 1;
  }
  if (there < Math.min(2, links.length)) return null;
  return vulnerable(
    'proven',
    [
      `${directory} lists ${links.length === 1 ? 'one entry by its name' : `${links.length} entries by their names`}, and ${sign}`,
      `${there} of them came when asked for; a made-up one did not`,
    ],
    { fix: fixFor(target, FIXES) ?? htt06.fix },
  );
}

const FIXES: readonly ProgramFix[] = [
  { program: /\bhttp-server\b/, fix: 'start it with `-d false`' },
  { program: /\bserve\b/, fix: 'write `"directoryListing": false` into serve.json' },
  { program: /\bnginx\b/, fix: 'take `autoindex on;` out' },
  { program: /\bcaddy\b/, fix: 'take `browse` out of `file_server`' },
  { program: /\bapache2|httpd\b/, fix: 'write `Options -Indexes`' },
  { program: /\bhttp\.server\b/, fix: 'put an index.html into each directory: this server has no switch' },
  { program: /\b(?:node|tsx|nodemon)\b/, fix: 'take the `serve-index` middleware out' },
];
