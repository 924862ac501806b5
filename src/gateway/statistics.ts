/** Counts for each route; adding to them costs nothing that a request would notice. It must not know requests. */

import { LATENCY_BOUNDS, type RouteStatistics } from '../core/gateway.ts';
import type { LinkStatistics } from '../core/link.ts';

export class RouteCounter {
  #requests = 0;
  #errors = 0;
  #open = 0;
  readonly #latency = new Array<number>(LATENCY_BOUNDS.length + 1).fill(0);

  began(): void {
    this.#open += 1;
  }

  /** `status` 0: there was no reply. `ms`: from the request's head to the reply's last byte. */
  finished(status: number, ms: number): void {
    this.#open -= 1;
    this.#requests += 1;
    if (status === 0 || status >= 500) this.#errors += 1;
    const bucket = LATENCY_BOUNDS.findIndex((bound) => ms <= bound);
    const index = bucket < 0 ? LATENCY_BOUNDS.length : bucket;
    this.#latency[index] = (this.#latency[index] ?? 0) + 1;
  }

  describe(id: string): RouteStatistics {
    return {
      id,
      requests: this.#requests,
      errors: this.#errors,
      open: this.#open,
      latency: [...this.#latency],
    };
  }
}

/** Prometheus' text format, version 0.0.4. */
export function prometheusText(
  routes: readonly RouteStatistics[],
  links: readonly LinkStatistics[],
  connections: number,
  lagMs: number,
): string {
  const lines = [
    '# TYPE loopyard_connections gauge',
    `loopyard_connections ${connections}`,
    '# TYPE loopyard_event_loop_lag_seconds gauge',
    `loopyard_event_loop_lag_seconds ${lagMs / 1000}`,
    '# TYPE loopyard_requests_total counter',
    ...routes.map((route) => `loopyard_requests_total{route="${label(route.id)}"} ${route.requests}`),
    '# TYPE loopyard_errors_total counter',
    ...routes.map((route) => `loopyard_errors_total{route="${label(route.id)}"} ${route.errors}`),
    '# TYPE loopyard_open_requests gauge',
    ...routes.map((route) => `loopyard_open_requests{route="${label(route.id)}"} ${route.open}`),
    '# TYPE loopyard_request_seconds histogram',
    ...routes.flatMap(histogram),
    ...linkLines(links),
  ];
  return `${lines.join('\n')}\n`;
}

function linkLines(links: readonly LinkStatistics[]): readonly string[] {
  return [
    '# TYPE loopyard_link_connections gauge',
    ...links.map((link) => `loopyard_link_connections{link="${label(link.id)}"} ${link.connections}`),
    '# TYPE loopyard_link_connections_total counter',
    ...links.map((link) => `loopyard_link_connections_total{link="${label(link.id)}"} ${link.accepted}`),
    '# TYPE loopyard_link_bytes_total counter',
    ...links.flatMap(({ id, bytesIn, bytesOut }) => [
      `loopyard_link_bytes_total{link="${label(id)}",direction="up"} ${bytesIn}`,
      `loopyard_link_bytes_total{link="${label(id)}",direction="down"} ${bytesOut}`,
    ]),
  ];
}

function histogram(route: RouteStatistics): readonly string[] {
  let sum = 0;
  const name = label(route.id);
  return route.latency.map((count, index) => {
    sum += count;
    const bound = LATENCY_BOUNDS[index];
    return `loopyard_request_seconds_bucket{route="${name}",le="${bound === undefined ? '+Inf' : bound / 1000}"} ${sum}`;
  });
}

function label(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
