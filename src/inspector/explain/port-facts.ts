/** What a port number is: by the registry, by custom, and on this machine. Pure; it must not know who listens. */

import type { PortFacts } from '../../core/inspection.ts';
import type { PortRanges } from '../../platform/facts.ts';
import { isBlockedByBrowsers } from './browser-ports.ts';
import { customaryUse } from './customary-ports.ts';
import type { Registered } from './service-names.ts';

/** The first port of each range of RFC 6335, section 6. */
const FIRST_USER_PORT = 1024;
const FIRST_DYNAMIC_PORT = 49_152;

export function portFacts(port: number, names: Registered, ranges: PortRanges): PortFacts {
  const reserved = ranges.reserved.some((range) => isIn(range, port));
  return {
    port,
    range: port < FIRST_USER_PORT ? 'system' : port < FIRST_DYNAMIC_PORT ? 'user' : 'dynamic',
    ...names,
    customary: customaryUse(port),
    ephemeral: ranges.ephemeral !== null && isIn(ranges.ephemeral, port) && !reserved,
    reserved,
    privileged: port < ranges.unprivilegedFrom,
    blockedByBrowsers: isBlockedByBrowsers(port),
  };
}

function isIn([first, last]: readonly [number, number], port: number): boolean {
  return port >= first && port <= last;
}
