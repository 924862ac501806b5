/** The exact names that this home's gateway serves or served last, by its snapshot: no daemon is needed. It must not change it. */

import { existsSync, readFileSync } from 'node:fs';
import type { GatewaySnapshot } from '../core/gateway.ts';
import { shortHash } from '../core/hash.ts';
import type { HomePaths } from '../core/paths.ts';
import { gatewayPaths } from '../core/paths.ts';

export function servedNames(home: HomePaths): readonly string[] {
  const { snapshot } = gatewayPaths(home);
  if (!existsSync(snapshot)) return [];
  try {
    const { routes } = JSON.parse(readFileSync(snapshot, 'utf8')) as GatewaySnapshot;
    return [...new Set(routes.flatMap(({ names }) => names))].sort();
  } catch {
    // Torn: the next one tells.
    return [];
  }
}

/** What the home's lines in the hosts file are called: another home has others. */
export function hostsLabel(home: HomePaths): string {
  return `loopyard-${shortHash(home.home)}`;
}
