/** WEB-07: a server asks browsers to let pages of the Internet through to it (private network access). */

import type { ListenerCheck } from '../check.ts';
import { header } from '../probe/reply.ts';
import { safe, vulnerable } from '../verdict.ts';
import { letsIn } from './web-02.ts';

export const web07: ListenerCheck = {
  id: 'WEB-07',
  title: 'Lets pages of the Internet through to the local network',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'low', network: 'low' },
  intrusive: false,
  references: ['https://wicg.github.io/private-network-access/', 'CWE-942'],
  speaks: ['http', 'https'],
  requests: 4,
  fix: 'do not send `Access-Control-Allow-Private-Network`; if one site needs it, send it for that origin only',
  probe:
    'Sends the preflight (OPTIONS) by which a browser asks for a page of a foreign site whether it may reach a private network; once more with another made-up site.',
  rule: 'Vulnerable when both are answered with 2xx, `Access-Control-Allow-Private-Network: true` and an `Access-Control-Allow-Origin` that lets the site in. Safe otherwise.',
  examine: async ({ http, nonce }) => {
    const allowed: string[] = [];
    for (const origin of [`http://${nonce()}.example`, `https://${nonce()}.example`]) {
      const reply = await http.request({ method: 'OPTIONS', headers: { ...PREFLIGHT, origin } });
      const own = header(reply, 'access-control-allow-origin');
      const asks = NAMES.find((name) => header(reply, name)?.trim().toLowerCase() === 'true');
      if (reply.status > 299 || asks === undefined) return safe('it does not ask for it');
      if (own === null || !letsIn(own, origin)) return safe('it asks for it, and lets no foreign origin in');
      allowed.push(asks);
    }
    return vulnerable('behavioural', [
      `the preflight of a foreign site is answered with \`${allowed[0]}: true\``,
      'two made-up sites, over http and https, are let in by Access-Control-Allow-Origin',
    ]);
  },
};

const PREFLIGHT = {
  'access-control-request-method': 'GET',
  'access-control-request-private-network': 'true',
  'access-control-request-local-network': 'true',
};

const NAMES: readonly string[] = [
  'access-control-allow-private-network',
  'access-control-allow-local-network',
];
