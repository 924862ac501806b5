/** DBG-05: the API of a container engine is open over TCP, which is to be root on this machine. */

import type { ListenerCheck } from '../check.ts';
import { fixFor } from '../fixes/programs.ts';
import { dig, jsonOf, listOf } from '../probe/json.ts';
import { bodyText, type Reply } from '../probe/reply.ts';
import { inconclusive, notApplicable, safe, vulnerable } from '../verdict.ts';

export const dbg05: ListenerCheck = {
  id: 'DBG-05',
  title: 'The API of a container engine is open',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'critical', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CVE-2014-5279', 'CVE-2025-9074'],
  speaks: ['http', 'https'],
  requests: 3,
  fix: 'take `-H tcp://…` (or `hosts` in daemon.json) away and use the Unix socket or `ssh://`; else ask for client certificates (`--tlsverify`)',
  probe: 'Reads `/_ping`; where that is an engine’s, `/version` and one row of `/containers/json`.',
  rule: 'Vulnerable when it tells the version of its API and lists containers without a client certificate. Safe when the list is refused, as by a filtering proxy.',
  examine: async ({ http, target }) => {
    const ping = await http.request({ path: '/_ping' });
    if (!isEngine(ping)) return notApplicable('it is no container engine');
    const version = dig(jsonOf(await http.request({ path: '/version' })), 'ApiVersion');
    const list = await http.request({ path: '/containers/json?limit=1' });
    if (list.status === 401 || list.status === 403)
      return safe(`it refuses to list containers (${list.status})`);
    const containers = list.status === 200 ? listOf(jsonOf(list), 'Id', 'Image') : null;
    if (typeof version !== 'string' || containers === null)
      return inconclusive('it answers as a container engine, and lists no containers');
    return vulnerable(
      'proven',
      [
        `\`/version\` tells the API ${version}`,
        'containers are listed to a stranger: it takes commands without a certificate',
      ],
      { fix: fixFor(target, FIXES) ?? dbg05.fix },
    );
  },
};

/** Docker and Podman say so in headers of their own. */
function isEngine(ping: Reply): boolean {
  const isOurs = ping.fields.some(({ name }) =>
    ['api-version', 'libpod-api-version', 'docker-experimental'].includes(name),
  );
  return ping.status === 200 && bodyText(ping).trim() === 'OK' && isOurs;
}

const FIXES = [
  {
    program: /\bpodman\b/,
    fix: 'use the Unix socket (`systemctl --user enable --now podman.socket`) instead of `podman system service tcp:…`',
  },
  {
    program: /\bsocat\b/,
    fix: 'end this socat: it makes the Unix socket of the engine reachable for everybody; clients can use `DOCKER_HOST=ssh://…`',
  },
];
