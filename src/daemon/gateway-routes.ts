/**
 * Which names lead where: from what the environments say of their services to the routes of a snapshot. Pure; it must not know how
 * a snapshot reaches the gateway.
 */

import type { GatewayRoute, GatewayRouteState } from '../core/gateway.ts';
import type { StateName } from '../core/lifecycle.ts';
import type { NameRule } from '../core/model.ts';
import type { EnvironmentStatus, ServiceStatus } from '../core/status.ts';

/** A name that a person gave to a place: `lo alias`. */
export interface Alias {
  readonly name: string;
  readonly address: string;
  readonly port: number;
}

export interface NameWishes {
  readonly environments: readonly EnvironmentStatus[];
  readonly aliases: readonly Alias[];
  /**
   * What the config says of its first endpoint: names are there before anything starts. So they do not change with each service that
   * comes up, nor does the plain name go to whoever was quickest.
   */
  speaksHttp(environment: string, service: string): boolean;
  /** What the config says of names beside a service's own. */
  rulesOf(environment: string, service: string): readonly NameRule[];
  /** Name -> id of the route that has it until now. */
  readonly held: ReadonlyMap<string, string>;
}

/** A name that a route would have if nobody else had it. */
export interface LostName {
  readonly id: string;
  readonly name: string;
  /** In words. */
  readonly holder: string;
  readonly holderId: string;
}

export interface Names {
  readonly routes: readonly GatewayRoute[];
  readonly lost: readonly LostName[];
}

/**
 * Whoever has a name keeps it for as long as they want it. One that is free goes to whoever comes first in this order: services by
 * their own names, then projects, then aliases.
 */
export function namesOf(wishes: NameWishes): Names {
  const { environments, aliases, rulesOf, held } = wishes;
  const claims = claimsOf(wishes);
  const holders = new Map<string, Claim>();
  for (const claim of claims) {
    const holder = holders.get(claim.name);
    if (holder === undefined || held.get(claim.name) === claim.id) holders.set(claim.name, claim);
  }
  const owned = new Map<string, string[]>();
  for (const claim of claims) {
    if (holders.get(claim.name) !== claim) continue;
    owned.set(claim.id, [...(owned.get(claim.id) ?? []), claim.name]);
  }
  const has = (id: string): readonly string[] => owned.get(id) ?? [];
  const routes = environments.flatMap((environment) =>
    named(environment, wishes).flatMap((service) => serviceRoutes(environment, service, has, rulesOf)),
  );
  const lost = claims.flatMap(({ id, name }) => {
    const holder = holders.get(name);
    return holder === undefined || holder.id === id
      ? []
      : [{ id, name, holder: holder.words, holderId: holder.id }];
  });
  return { routes: [...routes, ...aliases.flatMap((alias) => aliasRoute(alias, has))], lost };
}

interface Claim {
  readonly name: string;
  readonly id: string;
  /** Who it is. */
  readonly words: string;
}

function claimsOf(wishes: Omit<NameWishes, 'held'>): readonly Claim[] {
  const { environments, aliases } = wishes;
  const own = environments.flatMap((environment) =>
    named(environment, wishes).map(({ name }) => ({
      name: hostOf(name, environment),
      id: idOf(environment, name),
      words: `service ${name} of ${whose(environment)}`,
    })),
  );
  const plain = environments.flatMap((environment) => {
    const [first] = named(environment, wishes);
    if (first === undefined) return [];
    const name = `${environment.environment.name}.localhost`;
    return [{ name, id: idOf(environment, first.name), words: `the project ${whose(environment)}` }];
  });
  const given = aliases.map(({ name }) => ({ name, id: `alias/${name}`, words: 'an alias' }));
  return [...own, ...plain, ...given];
}

function idOf({ environment }: EnvironmentStatus, service: string): string {
  return `${environment.id}/${service}`;
}

function whose({ environment }: EnvironmentStatus): string {
  return `${environment.name} in ${environment.path}`;
}

/** Its own, and one for each path that it has on the names of another. */
function serviceRoutes(
  environment: EnvironmentStatus,
  service: ServiceStatus,
  has: (id: string) => readonly string[],
  rulesOf: NameWishes['rulesOf'],
): readonly GatewayRoute[] {
  const rules = (name: string): readonly NameRule[] => rulesOf(environment.environment.id, name);
  const isWide = (name: string): boolean => rules(name).some(({ kind }) => kind === 'below');
  const id = idOf(environment, service.name);
  const base = { ...routeTo(service), id };
  const own = { ...base, names: has(id), wildcard: isWide(service.name), path: '/' };
  const paths = rules(service.name).flatMap((rule) => {
    if (rule.kind !== 'path') return [];
    const names = has(idOf(environment, rule.service));
    const at = { id: `${id}@${rule.service}${rule.path}`, path: rule.path };
    return [{ ...base, ...at, names, wildcard: isWide(rule.service) }];
  });
  return [own, ...paths];
}

/** `web.shop.localhost`; `web.feature.shop.localhost` in a worktree. */
function hostOf(service: string, { environment }: Pick<EnvironmentStatus, 'environment'>): string {
  return `${service}.${environment.name}.localhost`;
}

/** Who of the environments has this name, in words; null: nobody. */
export function holderOf(name: string, wishes: Omit<NameWishes, 'held'>): string | null {
  const claims = claimsOf({ ...wishes, aliases: [] });
  return claims.find((claim) => claim.name === name)?.words ?? null;
}

function named(
  { environment, services }: EnvironmentStatus,
  wishes: Pick<NameWishes, 'speaksHttp'>,
): readonly ServiceStatus[] {
  return services.filter(({ name }) => wishes.speaksHttp(environment.id, name));
}

function routeTo(service: ServiceStatus): Pick<GatewayRoute, 'target' | 'state' | 'words' | 'log'> {
  const state = ROUTE_STATES[service.state];
  const [endpoint] = service.endpoints;
  return {
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

function aliasRoute(
  { name, address, port }: Alias,
  has: (id: string) => readonly string[],
): readonly GatewayRoute[] {
  const id = `alias/${name}`;
  const names = has(id);
  if (names.length === 0) return [];
  return [
    {
      ...{ id, names, wildcard: false, path: '/', target: { address, port }, state: 'ready', log: null },
      words: `${name} leads to ${address}:${port}`,
    },
  ];
}
