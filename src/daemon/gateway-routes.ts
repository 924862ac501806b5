/**
 * Which names lead where: from what the environments say of their services to the routes of a snapshot. Pure; it must not know how
 * a snapshot reaches the gateway.
 */

import type { GatewayRoute, GatewayRouteState } from '../core/gateway.ts';
import type { StateName } from '../core/lifecycle.ts';
import type { EnvironmentStatus, ServiceStatus } from '../core/status.ts';

/** A name that a person gave to a place: `lo alias`. */
export interface Alias {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

/** A name belongs to whoever comes first in this order: services by their own names, then projects, then aliases. */
export function routesOf(
  environments: readonly EnvironmentStatus[],
  aliases: readonly Alias[],
): readonly GatewayRoute[] {
  const taken = new Set<string>();
  const services = environments.flatMap((environment) =>
    httpServices(environment).map((service) => ({ environment, service })),
  );
  const own = services.map(({ environment, service }) => ({
    environment,
    service,
    names: free([hostOf(service.name, environment)], taken),
  }));
  const routes = own.map(({ environment, service, names }) => {
    const isFirst = httpServices(environment)[0] === service;
    const plain = isFirst ? free([`${environment.environment.name}.localhost`], taken) : [];
    return routeOf(environment, service, [...names, ...plain]);
  });
  return [...routes, ...aliases.flatMap((alias) => aliasRoute(alias, taken))];
}

/** `web.shop.localhost`; `web.feature.shop.localhost` in a worktree. */
function hostOf(service: string, { environment }: Pick<EnvironmentStatus, 'environment'>): string {
  return `${service}.${environment.name}.localhost`;
}

/** Who of the environments has this name, in words; null: nobody. */
export function holderOf(name: string, environments: readonly EnvironmentStatus[]): string | null {
  for (const environment of environments) {
    const services = httpServices(environment);
    const whose = `${environment.environment.name} in ${environment.environment.path}`;
    const service = services.find((one) => hostOf(one.name, environment) === name);
    if (service !== undefined) return `service ${service.name} of ${whose}`;
    if (services.length > 0 && name === `${environment.environment.name}.localhost`)
      return `the project ${whose}`;
  }
  return null;
}

function httpServices({ services }: EnvironmentStatus): readonly ServiceStatus[] {
  return services.filter(({ endpoints }) => endpoints[0]?.protocol === 'http');
}

function routeOf(
  environment: EnvironmentStatus,
  service: ServiceStatus,
  names: readonly string[],
): GatewayRoute {
  const state = ROUTE_STATES[service.state];
  const [endpoint] = service.endpoints;
  return {
    id: `${environment.environment.id}/${service.name}`,
    names,
    wildcard: false,
    path: '/',
    target:
      endpoint === undefined || state !== 'ready' ? null : { address: endpoint.address, port: endpoint.port },
    state,
    words: wordsOf(service),
    log: service.log,
  };
}

const ROUTE_STATES: Readonly<Record<StateName, GatewayRouteState>> = {
  idle: 'down',
  pending: 'starting',
  starting: 'starting',
  running: 'ready',
  ready: 'ready',
  // It did not prove itself in time, but may answer all the same: the person at the browser sees for themselves.
  unready: 'ready',
  backoff: 'starting',
  stopping: 'down',
  stopped: 'down',
  completed: 'down',
  failed: 'down',
  skipped: 'down',
  lost: 'down',
};

function wordsOf({ name, state, reason }: ServiceStatus): string {
  return reason === null ? `${name} is ${state}` : `${name} is ${state}: ${reason}`;
}

function aliasRoute(alias: Alias, taken: Set<string>): readonly GatewayRoute[] {
  const names = free([alias.name], taken);
  if (names.length === 0) return [];
  const { name, address, port } = alias;
  return [
    {
      id: `alias/${name}`,
      names,
      wildcard: false,
      path: '/',
      target: { address, port },
      state: 'ready',
      words: `${name} leads to ${address}:${port}`,
      log: null,
    },
  ];
}

function free(names: readonly string[], taken: Set<string>): readonly string[] {
  const got = names.filter((name) => !taken.has(name));
  for (const name of got) taken.add(name);
  return got;
}
