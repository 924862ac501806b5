/**
 * Which route a request takes: by host name, then by path. Exact names win over wildcards, longer paths over shorter ones. Pure; it
 * must not know sockets.
 */

import type { GatewayRoute } from '../core/gateway.ts';

export class RouteTable {
  readonly #exact = new Map<string, GatewayRoute[]>();
  readonly #wildcard = new Map<string, GatewayRoute[]>();

  constructor(routes: readonly GatewayRoute[]) {
    for (const route of routes) {
      for (const name of route.names) {
        add(this.#exact, name, route);
        if (route.wildcard) add(this.#wildcard, name, route);
      }
    }
  }

  /** `host`: lower case, without port. Null: nobody has this name. */
  find(host: string, target: string): GatewayRoute | null {
    const exact = this.#exact.get(host);
    if (exact !== undefined) return longest(exact, target);
    if (this.#wildcard.size === 0) return null;
    const above = this.#wildcard.get(host.slice(host.indexOf('.') + 1));
    return above === undefined ? null : longest(above, target);
  }

  /** Whether any route has the name: certificates are shown for those alone. */
  has(host: string): boolean {
    return this.find(host, '/') !== null || this.#exact.has(host);
  }
}

function add(table: Map<string, GatewayRoute[]>, name: string, route: GatewayRoute): void {
  const routes = table.get(name);
  if (routes === undefined) table.set(name, [route]);
  else {
    routes.push(route);
    routes.sort((one, other) => other.path.length - one.path.length);
  }
}

/** `routes`: longest path first. */
function longest(routes: readonly GatewayRoute[], target: string): GatewayRoute | null {
  for (const route of routes) if (covers(route.path, target)) return route;
  return null;
}

function covers(path: string, target: string): boolean {
  if (path === '/') return true;
  if (!target.startsWith(path)) return false;
  const next = target[path.length];
  return next === undefined || next === '/' || next === '?';
}
