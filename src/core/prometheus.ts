/** What the gateway counted, in Prometheus' text format 0.0.4 (seconds, cumulative buckets). Pure. */

import type { LinkStatistics } from './link.ts';
import { LATENCY_BOUNDS, type RouteStatistics, type Traffic } from './traffic.ts';

type Counted = Omit<Traffic, 'pid'> & { readonly links?: readonly LinkStatistics[] };

export function prometheusText({ routes, connections, lagMs, links = [] }: Counted): string {
  const each = (name: string, value: (route: RouteStatistics) => number): readonly string[] =>
    routes.map((route) => `${name}{route="${label(route.id)}"} ${value(route)}`);
  return [
    ...metric('loopyard_connections', 'gauge', 'Open connections of clients.', [
      `loopyard_connections ${connections}`,
    ]),
    ...metric('loopyard_event_loop_lag_seconds', 'gauge', 'Longest lag since it was last asked for.', [
      `loopyard_event_loop_lag_seconds ${lagMs / 1000}`,
    ]),
    ...metric(
      'loopyard_requests_total',
      'counter',
      'Finished requests.',
      each('loopyard_requests_total', ({ requests }) => requests),
    ),
    ...metric(
      'loopyard_errors_total',
      'counter',
      'Replies of 500 and above, and requests that got none.',
      each('loopyard_errors_total', ({ errors }) => errors),
    ),
    ...metric(
      'loopyard_open_requests',
      'gauge',
      'Requests under way.',
      each('loopyard_open_requests', ({ open }) => open),
    ),
    ...metric(
      'loopyard_request_seconds',
      'histogram',
      "From a request's head to the last byte of its reply.",
      routes.flatMap(histogram),
    ),
    ...linkLines(links),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

function linkLines(links: readonly LinkStatistics[]): readonly string[] {
  const each = (name: string, value: (link: LinkStatistics) => number): readonly string[] =>
    links.map((link) => `${name}{link="${label(link.id)}"} ${value(link)}`);
  const [open, total, bytes] = [
    'loopyard_link_connections',
    'loopyard_link_connections_total',
    'loopyard_link_bytes_total',
  ] as const;
  return [
    ...metric(
      open,
      'gauge',
      'Open connections of links.',
      each(open, ({ connections }) => connections),
    ),
    ...metric(
      total,
      'counter',
      'Connections that were taken.',
      each(total, ({ accepted }) => accepted),
    ),
    ...metric(
      bytes,
      'counter',
      'Bytes from the caller (up) and to it (down).',
      links.flatMap(({ id, bytesIn, bytesOut }) => [
        `${bytes}{link="${label(id)}",direction="up"} ${bytesIn}`,
        `${bytes}{link="${label(id)}",direction="down"} ${bytesOut}`,
      ]),
    ),
  ];
}

function metric(name: string, type: string, help: string, lines: readonly string[]): readonly string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines];
}

function histogram({ id, latency, totalMs }: RouteStatistics): readonly string[] {
  let count = 0;
  const route = `route="${label(id)}"`;
  const buckets = latency.map((more, index) => {
    count += more;
    const bound = LATENCY_BOUNDS[index];
    const le = bound === undefined ? '+Inf' : String(bound / 1000);
    return `loopyard_request_seconds_bucket{${route},le="${le}"} ${count}`;
  });
  return [
    ...buckets,
    `loopyard_request_seconds_sum{${route}} ${totalMs / 1000}`,
    `loopyard_request_seconds_count{${route}} ${count}`,
  ];
}

function label(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
