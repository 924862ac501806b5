/** Where Kubernetes shows a stranger what it runs: the API behind `kubectl proxy`, the kubelet, the dashboard. It must not send anything. */

import type { Door } from '../../probe/door.ts';
import { dig, jsonOf, listOf } from '../../probe/json.ts';

export const KUBERNETES_DOORS: readonly Door[] = [
  {
    name: 'API of Kubernetes',
    request: { path: '/api/v1/namespaces?limit=1' },
    shows: (reply) =>
      dig(jsonOf(reply), 'kind') === 'NamespaceList' ? 'the namespaces of the cluster' : null,
    fix: 'end `kubectl proxy` when it is not used; start it without `--accept-hosts` and `--disable-filter`, or with `--unix-socket`. An API server needs `--anonymous-auth=false`',
  },
  {
    // Names alone: `/pods` would tell environments, with what is secret in them.
    name: 'kubelet',
    request: { path: '/runningpods/' },
    shows: (reply) => (dig(jsonOf(reply), 'kind') === 'PodList' ? 'the pods that run here' : null),
    fix: 'set `authentication.anonymous.enabled: false` and `authorization.mode: Webhook` in the config of the kubelet',
  },
  {
    name: 'read-only port of the kubelet',
    request: { path: '/stats/summary' },
    shows: (reply) =>
      typeof dig(jsonOf(reply), 'node', 'nodeName') === 'string' &&
      listOf(dig(jsonOf(reply), 'pods')) !== null
        ? 'the state of its node and pods'
        : null,
    fix: 'set `readOnlyPort: 0` in the config of the kubelet',
    severity: { loopback: 'medium', network: 'high' },
  },
  {
    name: 'dashboard of Kubernetes',
    request: { path: '/api/v1/namespace' },
    shows: (reply) =>
      typeof dig(jsonOf(reply), 'listMeta', 'totalItems') === 'number' &&
      listOf(dig(jsonOf(reply), 'namespaces')) !== null
        ? 'the namespaces of the cluster'
        : null,
    fix: 'start the dashboard without `--enable-skip-login`, with a service account that may see little',
  },
];
