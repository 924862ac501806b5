/** STO-04: a search engine with the API of Elasticsearch shows its indices to whoever asks. */

import type { ListenerCheck } from '../check.ts';
import { fixFor } from '../fixes/programs.ts';
import { openDoor } from '../probe/door.ts';
import { dig, jsonOf, listOf } from '../probe/json.ts';
import type { Reply } from '../probe/reply.ts';
import { notApplicable, safe } from '../verdict.ts';

export const sto04: ListenerCheck = {
  id: 'STO-04',
  title: 'The search engine answers without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['http', 'https'],
  requests: 1,
  fix: 'set `xpack.security.enabled: true` in elasticsearch.yml, then `bin/elasticsearch-reset-password -u elastic`',
  probe: 'Reads the home page and, where that is a cluster’s, `GET /_cat/indices?format=json`.',
  rule: 'Vulnerable when both the name of the cluster and the list of indices are given. Safe when it answers with 401 or 403.',
  examine: async ({ target, http }) => {
    const home = await http.control();
    if (isLocked(home)) return safe(`its home page asks for a password (${home.status})`);
    if (home.status !== 200 || !isCluster(home)) return notApplicable('its home page is no cluster’s');
    return await openDoor(http, {
      name: 'search engine with indices',
      request: { path: '/_cat/indices?format=json', headers: { accept: 'application/json' } },
      shows: (reply) => {
        const indices = listOf(jsonOf(reply), 'index');
        return indices === null ? null : `a list of ${indices.length} indices`;
      },
      fix: fixFor(target, FIXES) ?? sto04.fix,
    });
  },
};

function isCluster(home: Reply): boolean {
  const page = jsonOf(home);
  return typeof dig(page, 'cluster_name') === 'string' && typeof dig(page, 'version', 'number') === 'string';
}

/** The error of its security, or OpenSearch's word. */
function isLocked(home: Reply): boolean {
  if (home.status !== 401 && home.status !== 403) return false;
  const realm = home.fields.find(({ name }) => name === 'www-authenticate')?.value ?? '';
  return dig(jsonOf(home), 'error', 'type') === 'security_exception' || /opensearch/i.test(realm);
}

const FIXES = [
  {
    program: /\bopensearch\b/i,
    fix: 'take `plugins.security.disabled: true` out of opensearch.yml, and give OPENSEARCH_INITIAL_ADMIN_PASSWORD',
  },
];
