/** STO-07: an etcd server lets whoever asks read its keys. */

import type { ListenerCheck } from '../check.ts';
import { openDoor } from '../probe/door.ts';
import { dig, jsonOf } from '../probe/json.ts';
import { inTurn } from '../probe/looks.ts';
import { notApplicable } from '../verdict.ts';

export const sto07: ListenerCheck = {
  id: 'STO-07',
  title: 'etcd answers without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'high' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['http', 'https'],
  requests: 3,
  fix: 'make a root user and run `etcdctl auth enable`, or ask for client certificates (`--client-cert-auth --trusted-ca-file`)',
  probe:
    'Reads `/version`; where that is etcd’s, asks for the range of one key that nobody has, in API 3 and API 2.',
  rule: 'Vulnerable when it tells its version and answers for the key. Safe when it says that there is no user name, or 401 or 403.',
  examine: async ({ http }) => {
    const version = await http.request({ path: '/version' });
    const number = dig(jsonOf(version), 'etcdserver');
    if (
      version.status !== 200 ||
      typeof number !== 'string' ||
      dig(jsonOf(version), 'etcdcluster') === undefined
    )
      return notApplicable('it tells no version of etcd');
    return await inTurn(DOORS.map((door) => () => openDoor(http, { ...door, fix: sto07.fix })));
  },
};

const JSON_TYPE = { 'content-type': 'application/json' };

const DOORS = [
  {
    name: 'etcd with API 3',
    request: {
      method: 'POST',
      path: '/v3/kv/range',
      headers: JSON_TYPE,
      // Three zero bytes: whoever may ask for it may ask for all.
      body: '{"key":"AAAA","limit":1,"keys_only":true}',
    },
    shows: (reply: Parameters<typeof jsonOf>[0]) =>
      typeof dig(jsonOf(reply), 'header', 'cluster_id') === 'string' ? 'what it has below one key' : null,
    refuses: (reply: Parameters<typeof jsonOf>[0]) =>
      /user name is empty|permission denied|invalid auth token/.test(String(dig(jsonOf(reply), 'error'))),
  },
  {
    name: 'etcd with API 2',
    request: { path: '/v2/keys/?quorum=false' },
    shows: (reply: Parameters<typeof jsonOf>[0]) =>
      dig(jsonOf(reply), 'action') === 'get' && dig(jsonOf(reply), 'node', 'dir') === true
        ? 'the keys of API 2'
        : null,
  },
];
