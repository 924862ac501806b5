/** WEB-08: the cookie by which a server knows its visitors is open to scripts, to other sites, or to plain HTTP. */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { type Cookie, cookiesOf } from '../probe/cookies.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const web08: ListenerCheck = {
  id: 'WEB-08',
  title: 'A session cookie lacks SameSite or HttpOnly',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: false,
  references: ['CWE-1275', 'CWE-1004'],
  speaks: ['http', 'https'],
  requests: 1,
  fix: 'set the cookie with `HttpOnly; SameSite=Lax`. All ports of localhost share their cookies: a name or loopback address for each service (`lo up` gives both) keeps them apart',
  probe: 'Reads Set-Cookie of the first page, as two visitors get it.',
  rule: 'Vulnerable when a cookie is a visitor’s own (a new long value for each, or a name such as `session`) and has no SameSite, `SameSite=None`, or no HttpOnly. Safe when it has both, or is the same for everybody. Cookies that scripts have to read, such as `XSRF-TOKEN`, need no HttpOnly.',
  examine: async ({ target, http }) => {
    const first = cookiesOf(await http.control());
    if (first.length === 0) return notApplicable('its first page sets no cookie');
    const second = cookiesOf(await http.request());
    for (const cookie of first) {
      const why = whySession(cookie, second);
      const lacks = whatLacks(cookie);
      if (why === null || lacks.length === 0) continue;
      return vulnerable('behavioural', [`the cookie ${cookie.name} has no ${lacks.join(' and no ')}`, why], {
        key: cookie.name,
        fix: fixFor(target, FIXES) ?? web08.fix,
      });
    }
    return safe('no cookie that tells visitors apart is open to others');
  },
};

/** Null: it tells nobody apart. `second`: what another visitor got. */
function whySession({ name, value }: Cookie, second: readonly Cookie[]): string | null {
  const other = second.find((one) => one.name === name);
  if (isLongRandom(value) && other !== undefined && other.value !== value)
    return 'each visitor gets a value of their own';
  return SESSION_NAME.test(name) ? 'its name is that of a session' : null;
}

function whatLacks({ name, sameSite, httpOnly }: Cookie): readonly string[] {
  return [
    ...(sameSite === 'lax' || sameSite === 'strict' ? [] : ['SameSite']),
    ...(httpOnly || FOR_SCRIPTS.test(name) ? [] : ['HttpOnly']),
  ];
}

const SESSION_NAME =
  /(?:^|[._-])(?:j?session(?:id)?|sess|sid|phpsessid|auth|token|jwt)(?:$|[._-])|sessid|sessionid/i;
const FOR_SCRIPTS = /xsrf|csrf/i;
const LONG = 16;

function isLongRandom(value: string): boolean {
  return value.length >= LONG && /\d/.test(value) && /[a-z]/i.test(value);
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\b(?:node|tsx|nodemon|bun)\b/,
    fix: "with express-session: `session({ cookie: { httpOnly: true, sameSite: 'lax' } })`; by hand: `res.cookie(name, value, { httpOnly: true, sameSite: 'lax' })`",
  },
  { program: /\bflask\b/, fix: "set `SESSION_COOKIE_SAMESITE = 'Lax'` in the app's config" },
  {
    program: /\bphp\b/,
    fix: 'set `session.cookie_httponly = 1` and `session.cookie_samesite = Lax` in php.ini',
  },
];
