/** Whether a NATS server takes clients without a login. Source: docs.nats.io, "Client Protocol". */

import type { ListenerContext } from '../../check.ts';
import { dig, parsed } from '../../probe/json.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../../verdict.ts';

export async function lookAtNats({ connect }: ListenerContext): Promise<Outcome> {
  const wire = await connect();
  try {
    const greeting = (await wire.receive((all) => all.includes('\n'))).bytes.toString('utf8');
    const info = parsed(/^INFO (\{.*\})\s*$/s.exec(greeting.split('\r\n')[0] ?? '')?.[1] ?? '');
    if (typeof dig(info, 'server_id') !== 'string' || dig(info, 'max_payload') === undefined)
      return notApplicable('it does not greet as NATS does');
    if (dig(info, 'auth_required') === true) return safe('it asks for a login (auth_required)');
    if (dig(info, 'tls_required') === true) return inconclusive('it goes on over TLS only');
    wire.send('CONNECT {"verbose":true,"pedantic":false,"lang":"loopyard","version":"1"}\r\nPING\r\n');
    const answer = (await wire.receive((all) => /PONG|-ERR/.test(all.toString('latin1')))).bytes.toString(
      'latin1',
    );
    if (/-ERR 'Authorization/i.test(answer)) return safe('it refuses a client without a login');
    if (!/^\+OK\r\n(?:.*\r\n)?PONG\r\n/s.test(answer)) return inconclusive('it does not answer to PING');
    return vulnerable(
      'proven',
      ['it greets as NATS does, and requires no login', 'a client without a login was taken (+OK, PONG)'],
      { fix: 'set `authorization { token: "…" }` (or users) in nats.conf, or start it with `--auth TOKEN`' },
    );
  } finally {
    wire.close();
  }
}
