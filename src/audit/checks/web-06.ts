/** WEB-06: a request that changes something is obeyed when a page of another site sends it (CSRF). Only what the config declares is sent. */

import { MOST_DECLARED } from '../../core/declared-request.ts';
import type { ListenerCheck, ListenerContext } from '../check.ts';
import { type Post, poster } from '../probe/cross-site.ts';
import { bodyText, type Reply } from '../probe/reply.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const web06: ListenerCheck = {
  id: 'WEB-06',
  title: 'Obeys pages of other sites (CSRF)',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'medium' },
  intrusive: true,
  references: ['CWE-352'],
  speaks: ['http', 'https'],
  requests: 8 * MOST_DECLARED + 1,
  fix: 'refuse what changes something unless `Sec-Fetch-Site` is `same-origin` or `none` (where it is absent: unless Origin is your own), take `application/json` alone for JSON, and set session cookies with `SameSite=Lax`',
  probe:
    'Sends each POST that the config declares (`audit: { csrf: [POST /orders] }`) with a made-up field: as its own page would, then as a page of another site can without asking: as text, without a type, as a form, with a foreign Origin and only the cookies that browsers give along.',
  rule: 'Vulnerable when the foreign request gets what its own gets, a made-up path gets another answer, and it was either accepted or read as JSON all the same (broken JSON gets another answer). Safe when foreign requests, or their types, are refused. Inconclusive where its own page is refused as well, or complete fields would have to be sent to see more.',
  examine: async (context) => {
    const { target, http } = context;
    if (target.csrfPaths.length === 0)
      return notApplicable('the config declares no request for it: `audit: { csrf: [POST /…] }`');
    const post = poster(http, await http.control(), context.nonce);
    const nowhere = await post(`/${context.nonce()}`, { by: 'own page', type: 'application/json' });
    const outcomes = new Map<string, Outcome>();
    for (const path of target.csrfPaths) outcomes.set(path, await tried(path, { ...context, post, nowhere }));
    return verdictOf(outcomes);
  },
};

/** The worst of all paths, with its name. */
function verdictOf(outcomes: ReadonlyMap<string, Outcome>): Outcome {
  const weak = [...outcomes].flatMap(([path, outcome]) =>
    outcome.verdict === 'vulnerable' ? [{ path, outcome }] : [],
  );
  const [first, ...others] = weak;
  if (first !== undefined) {
    const [one, two] = first.outcome.signs;
    const more = others.map(({ path }) => `POST ${path} as well`);
    return vulnerable(first.outcome.confidence, [one, two, ...more], { key: first.path });
  }
  const said = [...outcomes].flatMap(([path, outcome]) =>
    outcome.verdict === 'vulnerable'
      ? []
      : [{ verdict: outcome.verdict, text: `POST ${path}: ${outcome.because}` }],
  );
  const unclear = said.filter(({ verdict }) => verdict !== 'safe');
  if (unclear.length > 0) return inconclusive(unclear.map(({ text }) => text).join('; '));
  return safe(said.map(({ text }) => text).join('; '));
}

interface Trial extends Pick<ListenerContext, 'http'> {
  readonly post: Post;
  /** To a path that does not exist. */
  readonly nowhere: Reply;
}

const SIMPLE = ['text/plain', null] as const;
const FORM = 'application/x-www-form-urlencoded';

async function tried(path: string, trial: Trial): Promise<Outcome> {
  const { http, post } = trial;
  const own = await post(path, { by: 'own page', type: 'application/json' });
  const refusal = refusalOf(own, path, trial);
  if (refusal !== null) return refusal;
  if (!http.isAlike(own, await post(path, { by: 'own page', type: 'application/json' }), [path]))
    return inconclusive('it answers two requests of its own page differently');
  for (const type of SIMPLE) {
    const foreign = await post(path, { by: 'other site', type });
    if (!http.isAlike(own, foreign, [path])) continue;
    const how = type === null ? 'without a type' : `as ${type}`;
    if (isAccepted(own)) return accepted(path, how, own);
    const broken = await post(path, { by: 'other site', type, broken: true });
    if (http.isAlike(foreign, broken, [path])) continue;
    return vulnerable('behavioural', [
      `POST ${path}, sent ${how} by a foreign page, gets what its own page gets (${own.status}), and a made-up path does not`,
      `the body was read as JSON: a broken one gets another answer (${broken.status})`,
    ]);
  }
  return await triedAsForm(path, trial);
}

/** What is no form at all cannot be told from one with the wrong fields. */
async function triedAsForm(path: string, { http, post, nowhere }: Trial): Promise<Outcome> {
  const own = await post(path, { by: 'own page', type: FORM });
  const foreign = await post(path, { by: 'other site', type: FORM });
  if (!http.isAlike(own, foreign, [path]))
    return safe(`a foreign page is answered otherwise (${foreign.status}) than its own (${own.status})`);
  if (isAccepted(own) && !http.isAlike(own, nowhere, [path])) return accepted(path, 'as a form', own);
  if (own.status === 415) return safe('what a page may send without asking has a type that it refuses (415)');
  return inconclusive(
    `a form of a foreign page gets what its own page gets (${own.status}); whether complete fields would be obeyed cannot be seen`,
  );
}

function accepted(path: string, how: string, own: Reply): Outcome {
  return vulnerable('proven', [
    `POST ${path}, sent ${how} by a foreign page, was accepted (${own.status}) as from its own page`,
    'a made-up path gets another answer',
  ]);
}

/** Its own page is refused too: for want of a token, of a session, or of the path. Null: it is not. */
function refusalOf(own: Reply, path: string, { http, nowhere }: Trial): Outcome | null {
  if ([404, 405, 501].includes(own.status) || http.isAlike(own, nowhere, [path]))
    return inconclusive(`it leads nowhere: what a made-up path gets (${own.status})`);
  if (TOKEN.test(bodyText(own).slice(0, MOST_READ)) && !isAccepted(own))
    return safe(`even its own page is refused without a token (${own.status})`);
  if (own.status === 401 || own.status === 403 || (own.status >= 300 && own.status < 400))
    return inconclusive(`its own page is refused as well (${own.status}): it wants a session, or a sign-in`);
  if (isAccepted(own) && TOKEN.test(bodyText(own).slice(0, MOST_READ)))
    return inconclusive(`it answers ${own.status} and speaks of a token`);
  return null;
}

const TOKEN = /csrf|xsrf|cross-?site|forgery|authenticity.?token/i;
const MOST_READ = 65_536;

function isAccepted({ status }: Reply): boolean {
  return status >= 200 && status < 300;
}
