/** TLS-06: a server spoils for its neighbours on localhost what TLS gives it: they share its name, and with it these. */

import type { ListenerCheck } from '../check.ts';
import { fixFor, type ProgramFix } from '../fixes/programs.ts';
import { cookiesOf } from '../probe/cookies.ts';
import { header } from '../probe/reply.ts';
import { notApplicable, safe, vulnerable } from '../verdict.ts';

export const tls06: ListenerCheck = {
  id: 'TLS-06',
  title: 'Its TLS spills over to other ports of localhost',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: false,
  references: ['CWE-614', 'https://www.rfc-editor.org/rfc/rfc6797#section-8.2'],
  speaks: ['https'],
  requests: 1,
  fix: 'send no Strict-Transport-Security while developing, and give every cookie of an HTTPS page `Secure`; or serve it below a name of its own, such as `web.shop.localhost`',
  probe: 'Reads the headers of the first page, as two visitors get them over HTTPS.',
  rule: 'Vulnerable when Strict-Transport-Security with a positive max-age comes for the name `localhost`: browsers then refuse plain HTTP on every other port; or when a cookie that is a visitor’s own lacks Secure: every plain HTTP server on localhost gets it. Safe otherwise; for an address or a name of its own neither matters.',
  examine: async ({ http, target }) => {
    if (!/^localhost:/i.test(http.authority)) return notApplicable('it shares its name with nobody');
    const pages = [await http.control(), await http.request()] as const;
    const ages = pages.map((page) =>
      Number(/max-age\s*=\s*"?(\d+)/i.exec(header(page, 'strict-transport-security') ?? '')?.[1] ?? 0),
    );
    const fix = fixFor(target, FIXES) ?? tls06.fix;
    if (ages.every((age) => age > 0))
      return vulnerable(
        'behavioural',
        [
          `Strict-Transport-Security comes with each answer, for ${Math.ceil((ages[0] ?? 0) / 86_400)} days`,
          'its name is localhost: browsers that trust its certificate refuse plain HTTP on every other port',
        ],
        { fix, key: 'hsts' },
      );
    const open = openCookie(pages);
    if (open === null) return safe('neither Strict-Transport-Security nor cookies reach its neighbours');
    return vulnerable(
      'behavioural',
      [
        `the cookie ${open} comes over HTTPS and has no Secure`,
        'each visitor gets a value of their own, and every plain HTTP server on localhost is sent it',
      ],
      { fix, key: open },
    );
  },
};

type Pages = readonly [Parameters<typeof cookiesOf>[0], Parameters<typeof cookiesOf>[0]];

/** Null: none that tells visitors apart. */
function openCookie([one, other]: Pages): string | null {
  const second = cookiesOf(other);
  const open = cookiesOf(one).find(
    ({ name, value, secure }) =>
      !secure && value.length >= 16 && second.some((also) => also.name === name && also.value !== value),
  );
  return open?.name ?? null;
}

const FIXES: readonly ProgramFix[] = [
  {
    program: /\b(?:node|tsx|nodemon)\b/,
    fix: "with helmet: `helmet({ strictTransportSecurity: process.env.NODE_ENV === 'production' })`; cookies: `{ secure: true }`",
  },
];
