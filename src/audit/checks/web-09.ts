/** WEB-09: a page with controls can be put into a frame of any site, where people click what they do not see. */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { attribute } from '../probe/page.ts';
import { isHtml } from '../probe/paths.ts';
import { bodyText, header, type Reply } from '../probe/reply.ts';
import { inconclusive, notApplicable, safe, vulnerable } from '../verdict.ts';

export const web09: ListenerCheck = {
  id: 'WEB-09',
  title: 'A page with controls can be framed by every site',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: false,
  references: ['CWE-1021'],
  speaks: ['http', 'https'],
  requests: 0,
  fix: "send `Content-Security-Policy: frame-ancestors 'self'` with every page (and `X-Frame-Options: SAMEORIGIN` for old browsers)",
  probe: 'Reads the first page and its headers.',
  rule: 'Vulnerable when the page has a form that changes something (POST), or it belongs to something that can be controlled (DBG-02, DBG-05 to DBG-08, DBG-11, DBG-12), and neither `frame-ancestors` nor `X-Frame-Options` keeps other sites from framing it. Pages that only show something are left alone.',
  examine: async ({ target, http, earlier }) => {
    const page = await http.control();
    if (!isHtml(page)) return notApplicable('its first page is no HTML');
    const controls = controlsIn(bodyText(page).slice(0, 200_000));
    const debug = DEBUG_CHECKS.find((id) => earlier(id)?.verdict === 'vulnerable');
    const what = controls ?? (debug === undefined ? null : `controls of a debug endpoint (${debug})`);
    if (what === null) return notApplicable('its first page has no form that changes anything');
    const kept = keptBy(page);
    if (kept !== null) return safe(`${kept} keeps other sites from framing it`);
    if (!(await http.distinguishes())) return inconclusive('it gives the same answer whatever it is asked');
    return vulnerable(
      'behavioural',
      [
        `the page has ${what}`,
        'no frame-ancestors and no valid X-Frame-Options keep other sites from framing it',
      ],
      { fix: fixFor(target, FIXES) ?? web09.fix },
    );
  },
};

/** Those whose page is the first one. Status pages change nothing, and debuggers of errors stand elsewhere. */
const DEBUG_CHECKS: readonly string[] = [
  'DBG-02',
  'DBG-05',
  'DBG-06',
  'DBG-07',
  'DBG-08',
  'DBG-11',
  'DBG-12',
];

/** Null: none that change anything. */
function controlsIn(html: string): string | null {
  const form = [...html.matchAll(/<form\b([^>]{0,999})>/gi)].find(([, tag = '']) =>
    /^post$/i.test(attribute(tag, 'method') ?? ''),
  );
  return form === undefined
    ? null
    : `a form that is sent with POST to ${attribute(form[1] ?? '', 'action') ?? 'itself'}`;
}

/** Null: nothing. `ALLOW-FROM` and made-up values are ignored by browsers. */
function keptBy(page: Reply): string | null {
  const policies = page.fields.flatMap(({ name, value }) =>
    name === 'content-security-policy' ? [value] : [],
  );
  const ancestors = policies.flatMap(
    (policy) => /(?:^|[;,])\s*frame-ancestors\s+([^;,]*)/i.exec(policy)?.[1] ?? [],
  );
  // Where it stands, X-Frame-Options does not count.
  if (ancestors.length > 0)
    return ancestors.every((list) => /(?:^|\s)(?:\*|https?:)(?:\s|$)/.test(list)) ? null : 'frame-ancestors';
  return /^\s*(?:deny|sameorigin)\s*$/i.test(header(page, 'x-frame-options') ?? '')
    ? 'X-Frame-Options'
    : null;
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\b(?:node|tsx|nodemon)\b/,
    fix: 'with Express: `app.use(helmet())`; by hand: `res.setHeader("Content-Security-Policy", "frame-ancestors \'self\'")`',
  },
  {
    program: /\bnginx\b/,
    fix: 'write `add_header Content-Security-Policy "frame-ancestors \'self\'" always;` into the server',
  },
];
