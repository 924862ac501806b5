/**
 * Which links a project has: one for each endpoint of each need that wants one, and what is known of whether callers can go through.
 * Pure; it must not know addresses, nor who carries bytes.
 */

import type { Fault } from './fault.ts';
import { DOOR } from './guard.ts';
import type { EndpointSpec, External, Need, NeedUntil, Service } from './model.ts';

export interface LinkSpec {
  /** `api:db`, `api:db/metrics`: the first endpoint goes without its name. A guarded service's door is `:db`. */
  readonly name: string;
  /** `DOOR`: whoever is declared. */
  readonly from: string;
  readonly to: string;
  readonly endpoint: string;
  /** The service's usual port there. */
  readonly port: number;
  readonly until: NeedUntil;
  /** Those that the config gives it. */
  readonly faults: readonly Fault[];
  /** Where it leads when that is no service of the project; null: a service. */
  readonly external: External | null;
  /** Services whose programs get through; null: nobody is asked. */
  readonly allows: readonly string[] | null;
}

/** Whether a caller may be let go as far as its links to one service are concerned. */
export type LinkReach =
  | { readonly state: 'open' }
  | { readonly state: 'waiting' }
  /** It cannot be had, in words. */
  | { readonly state: 'failed'; readonly reason: string };

export const OPEN: LinkReach = { state: 'open' };
export const WAITING: LinkReach = { state: 'waiting' };

/** All links of one need share an address; this is its key in the lease, and in `EnvironmentState.links`. */
export function linkKey(from: string, to: string): string {
  return `${from}:${to}`;
}

/** Nobody connects to what has run to its end. */
export function wantsLink(need: Need): boolean {
  return !need.direct && need.until !== 'completed';
}

export function linkSpecs(
  services: readonly Service[],
  externals: readonly External[] = [],
): readonly LinkSpec[] {
  const targets = new Map<string, Target>(services.map((service) => [service.name, serviceTarget(service)]));
  for (const external of externals) targets.set(external.name, targetOf(external));
  const links = services.flatMap((service) =>
    service.needs.filter(wantsLink).flatMap((need) => {
      const target = targets.get(need.service);
      return target === undefined ? [] : specsOf(service.name, need, target);
    }),
  );
  return [...links, ...services.flatMap((service) => doorSpecs(service, services))];
}

/** Where a guarded service is for whoever is declared and has no link of its own: it stands in the service's usual place. */
function doorSpecs(service: Service, all: readonly Service[]): readonly LinkSpec[] {
  if (service.access === undefined) return [];
  const { name } = service;
  const callers = all.filter(({ needs }) => needs.some((need) => need.service === name));
  const allows = [name, ...callers.map((caller) => caller.name)];
  const need: Need = { service: name, until: 'ready', direct: false };
  return specsOf(DOOR, need, serviceTarget(service)).map((spec) => ({ ...spec, allows }));
}

/** The endpoint that callers of an external target are told of. */
export function externalEndpoint({ protocol, target }: External): EndpointSpec {
  return { name: protocol, protocol, port: target.port };
}

interface Target {
  readonly endpoints: readonly EndpointSpec[];
  readonly faults: readonly Fault[];
  readonly external: External | null;
  readonly isGuarded: boolean;
}

function serviceTarget({ endpoints, faults = [], access }: Service): Target {
  return { endpoints, faults, external: null, isGuarded: access !== undefined };
}

function targetOf(external: External): Target {
  return { endpoints: [externalEndpoint(external)], faults: [], external, isGuarded: false };
}

function specsOf(
  from: string,
  need: Need,
  { endpoints, faults, external, isGuarded }: Target,
): readonly LinkSpec[] {
  const key = linkKey(from, need.service);
  const { faults: own = [] } = need;
  const names = new Set(own.map(({ name }) => name));
  return endpoints.map((endpoint, index) => ({
    name: index === 0 ? key : `${key}/${endpoint.name}`,
    from,
    to: need.service,
    endpoint: endpoint.name,
    port: endpoint.port,
    until: need.until,
    faults: [...faults.filter(({ name }) => !names.has(name)), ...own],
    external,
    allows: isGuarded ? [from] : null,
  }));
}
