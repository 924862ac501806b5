/**
 * Which links a project has: one for each endpoint of each need that wants one, and what is known of whether callers can go through.
 * Pure; it must not know addresses, nor who carries bytes.
 */

import type { Fault } from './fault.ts';
import type { EndpointSpec, External, Need, NeedUntil, Service } from './model.ts';

export interface LinkSpec {
  /** `api:db`, `api:db/metrics`: the first endpoint goes without its name. */
  readonly name: string;
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
  const targets = new Map<string, Target>(
    services.map(({ name, endpoints, faults = [] }) => [name, { endpoints, faults, external: null }]),
  );
  for (const external of externals) targets.set(external.name, targetOf(external));
  return services.flatMap((service) =>
    service.needs.filter(wantsLink).flatMap((need) => {
      const target = targets.get(need.service);
      return target === undefined ? [] : specsOf(service.name, need, target);
    }),
  );
}

/** The endpoint that callers of an external target are told of. */
export function externalEndpoint({ protocol, target }: External): EndpointSpec {
  return { name: protocol, protocol, port: target.port };
}

interface Target {
  readonly endpoints: readonly EndpointSpec[];
  readonly faults: readonly Fault[];
  readonly external: External | null;
}

function targetOf(external: External): Target {
  return { endpoints: [externalEndpoint(external)], faults: [], external };
}

function specsOf(from: string, need: Need, { endpoints, faults, external }: Target): readonly LinkSpec[] {
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
  }));
}
