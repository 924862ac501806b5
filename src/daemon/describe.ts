/** Makes the documents of `core/status.ts` from what the daemon knows. Pure; it must not change anything. */

import { type EnvironmentState, needMet, needStatus } from '../core/environment.ts';
import type { FaultStatus } from '../core/fault.ts';
import { DOOR } from '../core/guard.ts';
import { blockPrefix, type EnvironmentLease } from '../core/leases.ts';
import { currentRun, describeExit, type Life, type ServiceLife, type StateName } from '../core/lifecycle.ts';
import type { LinkPlace } from '../core/link.ts';
import type { EndpointSpec, Need, Project, Service } from '../core/model.ts';
import type { EnvironmentPaths } from '../core/paths.ts';
import { findRecipe, type RecipeCatalog } from '../core/recipe.ts';
import {
  type EndpointStatus,
  type EnvironmentRef,
  type EnvironmentStatus,
  type EnvironmentSummary,
  SCHEMA_VERSION,
  type ServiceStatus,
} from '../core/status.ts';
import type { Listening } from '../supervisor/supervisor.ts';
import type { ServiceNames } from './environment-tools.ts';
import { recipeOptions } from './launch.ts';
import { openWarnings } from './links/open-warnings.ts';
import { dialable } from './listening.ts';
import type { Placement } from './placement.ts';
import type { ServiceRuntime } from './runtime.ts';
import type { ServicePlace } from './variables.ts';

export interface Described {
  readonly ref: EnvironmentRef;
  readonly project: Project;
  readonly state: EnvironmentState;
  readonly runtimes: ReadonlyMap<string, ServiceRuntime>;
  readonly paths: EnvironmentPaths;
  readonly recipes: RecipeCatalog;
  namesOf(service: string): ServiceNames;
  readonly links: {
    /** False: none are carried. */
    readonly areServed: boolean;
    /** In force on the links from a service. */
    faultsFrom(service: string): readonly FaultStatus[];
    /** Null: there is no such link. */
    placeOf(from: string, to: string, endpoint: string): LinkPlace | null;
  };
}

export function describeEnvironment(from: Described): EnvironmentStatus {
  return {
    schema: SCHEMA_VERSION,
    environment: from.ref,
    project: from.project.name,
    config: from.project.file,
    services: [...from.state.services.values()].map((service) => describeService(from, service)),
  };
}

export function describeService(from: Described, service: Service): ServiceStatus {
  const own = from.state.lives.get(service.name);
  const runtime = from.runtimes.get(service.name);
  if (own === undefined || runtime === undefined)
    throw new Error(`service ${service.name} is not in its environment`);
  const run = currentRun(own.life) ?? runtime.lastRun;
  return {
    name: service.name,
    state: own.life.state,
    reason: reasonOfLife(own, from.state, service),
    strategy: runtime.placement?.strategy ?? 'address',
    pid: 'run' in own.life ? runtime.pid : null,
    endpoints: describeEndpoints(from, service, runtime),
    run: run === null ? null : `${service.name}-${run}`,
    restarts: own.restarts,
    since: iso(own.since),
    exit: own.exit === null ? null : { code: own.exit.code, signal: own.exit.signal, at: iso(own.exit.at) },
    needs: service.needs.map((need) => ({
      service: need.service,
      until: need.until,
      satisfied: isMet(need, from.state, service),
    })),
    warnings: [
      ...runtime.warnings,
      ...from.namesOf(service.name).warnings,
      ...openWarnings(service, runtime, from.links.areServed),
    ],
    faults: from.links.faultsFrom(service.name),
    ...(service.access === undefined ? {} : { access: service.access }),
    task: service.task,
    startupMs: runtime.startupMs,
    log: from.paths.log(service.name),
    data: service.data ?? from.paths.data(service.name),
  };
}

/** Where others reach the service: as it was told, unless a proof found it elsewhere, or a link (its door, where it is guarded) leads there. */
export function placeOf(
  from: Described,
  service: Service,
  linkTo: LinkTo = doorOf(from, service),
): ServicePlace {
  const runtime = from.runtimes.get(service.name);
  const endpoints = runtime === undefined ? [] : describeEndpoints(from, service, runtime, linkTo);
  return {
    service: service.name,
    endpoints: endpoints.map(({ name, protocol, address, port, url }) => ({
      name,
      protocol,
      host: address,
      port,
      url,
    })),
  };
}

export function summarize(from: Described, lease: EnvironmentLease, exists: boolean): EnvironmentSummary {
  const services: Partial<Record<StateName, number>> = {};
  for (const { life } of from.state.lives.values()) services[life.state] = (services[life.state] ?? 0) + 1;
  return {
    ...from.ref,
    project: from.project.name,
    exists,
    blocks: lease.blocks.map((block) => `${blockPrefix(block)}.0/24`),
    services,
  };
}

/** By endpoint; null: none leads there. */
type LinkTo = (endpoint: string) => LinkPlace | null;

function doorOf({ links }: Described, { name }: Service): LinkTo {
  return (endpoint) => links.placeOf(DOOR, name, endpoint);
}

function describeEndpoints(
  from: Described,
  service: Service,
  runtime: ServiceRuntime,
  linkTo: LinkTo = doorOf(from, service),
): readonly EndpointStatus[] {
  const { placement } = runtime;
  if (placement === null) return [];
  const places = service.endpoints.map((endpoint) => {
    const own = ownPlace(endpoint, placement, runtime.listening[endpoint.name]);
    const link = linkTo(endpoint.name);
    return { endpoint, ...(link ?? own), own: link === null ? null : own };
  });
  const ports = Object.fromEntries(places.map((place) => [place.endpoint.name, place.port]));
  return places.map(({ endpoint, address, port, own }, index) => ({
    name: endpoint.name,
    protocol: endpoint.protocol,
    address,
    port,
    url: (index === 0 ? recipeUrl(from, service, address, ports) : null) ?? plainUrl(endpoint, address, port),
    names: index === 0 ? from.namesOf(service.name).urls : [],
    ...(own === null ? {} : { listens: own }),
  }));
}

function ownPlace(
  { name, port }: EndpointSpec,
  { host, ports }: Placement,
  found: Listening | undefined,
): LinkPlace {
  return found?.kind === 'elsewhere'
    ? { address: dialable(found.address, host), port: found.port }
    : { address: host, port: ports[name] ?? port };
}

function recipeUrl(
  from: Described,
  service: Service,
  host: string,
  ports: Record<string, number>,
): string | null {
  if (service.command.kind !== 'recipe') return null;
  const recipe = findRecipe(from.recipes, service.command.recipe);
  return recipe?.url({ host, ports, options: recipeOptions(service, recipe) }) ?? null;
}

export function plainUrl(endpoint: EndpointSpec, address: string, port: number): string {
  const host = address.includes(':') ? `[${address}]` : address;
  const usual =
    (endpoint.protocol === 'http' && port === 80) || (endpoint.protocol === 'https' && port === 443);
  return `${endpoint.protocol}://${host}${usual ? '' : `:${port}`}`;
}

function reasonOfLife(own: ServiceLife, state: EnvironmentState, service: Service): string | null {
  const { life } = own;
  switch (life.state) {
    case 'pending':
      return waitingFor(state, service);
    case 'stopping':
      return life.ended === null ? null : describeExit(life.ended);
    case 'completed':
      return service.task ? null : 'exited with code 0';
    case 'stopped':
      return 'reason' in life && life.reason !== 'stopped on request' ? life.reason : null;
    default:
      return reasonIn(life);
  }
}

function reasonIn(life: Life): string | null {
  return 'reason' in life ? life.reason : null;
}

function waitingFor(state: EnvironmentState, service: Service): string | null {
  const open = service.needs
    .filter((need) => !isMet(need, state, service))
    .map((need) => (isThere(need, state) ? `the link ${service.name}:${need.service}` : need.service));
  return open.length === 0 ? null : `waits for ${open.join(', ')}`;
}

function isMet(need: Need, state: EnvironmentState, { name }: Service): boolean {
  return needMet(state, name, need).status === 'met';
}

function isThere(need: Need, state: EnvironmentState): boolean {
  const target = state.lives.get(need.service);
  return target === undefined || needStatus(need, target).status === 'met';
}

function iso(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
