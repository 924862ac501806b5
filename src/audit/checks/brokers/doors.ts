/** The control pages of brokers and of what keeps a cluster together: where each tells a stranger what it has. It must not send anything. */

import type { Door, Pages } from '../../probe/door.ts';
import { dig, isRecord, jsonOf, listOf } from '../../probe/json.ts';
import { bodyText, header } from '../../probe/reply.ts';

export const BROKER_DOORS: readonly Door[] = [
  {
    name: 'RabbitMQ management',
    request: { path: '/api/overview' },
    isLikely: ({ home }) => /RabbitMQ Management/.test(bodyText(home)),
    shows: (reply) =>
      typeof dig(jsonOf(reply), 'rabbitmq_version') === 'string' &&
      isRecord(dig(jsonOf(reply), 'object_totals'))
        ? 'the state of the broker'
        : null,
    fix: 'take away what logs strangers in before it (a proxy, or `management.disable_basic_auth`)',
  },
  {
    name: 'monitoring page of NATS',
    request: { path: '/varz' },
    isLikely: ({ home }) => /\bvarz\b/.test(bodyText(home)) && /\bconnz\b/.test(bodyText(home)),
    shows: (reply) =>
      typeof dig(jsonOf(reply), 'server_id') === 'string' &&
      typeof dig(jsonOf(reply), 'max_payload') === 'number'
        ? 'the settings and the state of the broker'
        : null,
    fix: 'set `http: 127.0.0.1:8222` in nats.conf, or leave monitoring out (`-m`, `http_port`)',
  },
  {
    name: 'Consul',
    request: { path: '/v1/agent/self' },
    isLikely: (pages) => leadsToUi(pages) || /^Consul Agent/.test(bodyText(pages.home)),
    shows: (reply) =>
      typeof dig(jsonOf(reply), 'Config', 'NodeName') === 'string' && isRecord(dig(jsonOf(reply), 'Member'))
        ? 'the agent and its settings'
        : null,
    fix: 'set `acl { enabled = true, default_policy = "deny" }` and run `consul acl bootstrap`',
    severity: { loopback: 'medium', network: 'high' },
  },
  {
    name: 'Nomad',
    request: { path: '/v1/jobs' },
    isLikely: leadsToUi,
    shows: (reply) => {
      const jobs = listOf(jsonOf(reply), 'ID', 'JobSummary');
      return jobs === null || header(reply, 'x-nomad-index') === null
        ? null
        : `a list of ${jobs.length} jobs`;
    },
    fix: 'set `acl { enabled = true }` and run `nomad acl bootstrap`',
    severity: { loopback: 'medium', network: 'high' },
  },
  {
    name: 'Vault in dev mode',
    request: { path: '/v1/sys/seal-status' },
    isLikely: leadsToUi,
    shows: (reply) => {
      const status = jsonOf(reply);
      const isInMemory = dig(status, 'storage_type') === 'inmem' && dig(status, 'sealed') === false;
      return isInMemory && dig(status, 't') === 1 && dig(status, 'n') === 1
        ? 'it is unsealed, keeps all in memory and has one key of one: `-dev`'
        : null;
    },
    fix: 'use `vault server -config FILE` for anything that is worth keeping secret: the root token of `-dev` is printed and often `root`',
    severity: { loopback: 'low', network: 'high' },
  },
];

function leadsToUi({ home }: Pages): boolean {
  return /^(?:https?:\/\/[^/]+)?\/ui\/?$/.test(header(home, 'location') ?? '');
}
