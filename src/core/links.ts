/**
 * Which links a project has: one for each endpoint of each need that wants one, and what is known of whether callers can go through.
 * Pure; it must not know addresses, nor who carries bytes.
 */

import type { Fault } from './fault.ts';
import type { Need, NeedUntil, Service } from './model.ts';

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

export function linkSpecs(services: readonly Service[]): readonly LinkSpec[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  return services.flatMap((service) =>
    service.needs.filter(wantsLink).flatMap((need) => {
      const endpoints = byName.get(need.service)?.endpoints ?? [];
      return endpoints.map((endpoint, index): LinkSpec => {
        const key = linkKey(service.name, need.service);
        return {
          name: index === 0 ? key : `${key}/${endpoint.name}`,
          from: service.name,
          to: need.service,
          endpoint: endpoint.name,
          port: endpoint.port,
          until: need.until,
          faults: [],
        };
      });
    }),
  );
}
