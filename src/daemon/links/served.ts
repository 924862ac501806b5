/** The links of all environments together, towards the gateway and back. It must not know how a snapshot travels. */

import type { ServiceLife } from '../../core/lifecycle.ts';
import type { GatewayLink, LinkStatistics } from '../../core/link.ts';
import type { EnvironmentLinks } from './environment-links.ts';

export interface Linked {
  readonly links: EnvironmentLinks;
  readonly state: { readonly lives: ReadonlyMap<string, ServiceLife> };
}

export function servedLinks(environments: readonly Linked[], revision: number): readonly GatewayLink[] {
  return environments.flatMap(({ links }) => links.snapshot(revision));
}

export function tellLinks(
  environments: readonly Linked[],
  statistics: readonly LinkStatistics[],
  asOf: number,
): void {
  const byId = new Map(statistics.map((one) => [one.id, one]));
  for (const { links } of environments) links.told(byId, asOf);
}

/** A gateway takes a moment to start: it begins with the first service, so that no link has to wait for it. */
export function areWanted(environments: readonly Linked[]): boolean {
  return environments.some(isLinkedAndUp);
}

function isLinkedAndUp({ links, state }: Linked): boolean {
  return links.specs.length > 0 && [...state.lives.values()].some(({ life }) => UP.has(life.state));
}

const UP: ReadonlySet<string> = new Set([
  'pending',
  'starting',
  'running',
  'ready',
  'unready',
  'backoff',
  'stopping',
]);
