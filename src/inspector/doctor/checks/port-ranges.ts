/** Ports that the system gives to outgoing connections: they must stay away from ports that servers want. */

import { FIRST_LEASED_PORT, LAST_LEASED_PORT } from '../../../core/leases.ts';
import type { PortRanges } from '../../../platform/facts.ts';
import { type Check, type Finding, together, unknown, warn } from '../check.ts';

/** What developers' servers usually listen on. */
const COMMON = [
  3000, 3001, 3306, 4000, 4200, 5000, 5173, 5432, 6379, 8000, 8080, 8081, 8443, 8888, 9000, 9090, 9200, 9229,
  11211, 27017,
] as const;

export const portRanges: Check = {
  id: 'port-ranges',
  title: 'Port ranges',
  group: 'network',
  examine({ platform }) {
    const ranges = platform.portRanges();
    if (ranges.ephemeral === null) return unknown('the range of outgoing connections cannot be read');
    const [first, last] = ranges.ephemeral;
    const reserved = ranges.reserved.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`));
    const good = `outgoing connections use ${first}-${last}${reserved.length === 0 ? '' : `, never ${reserved.join(', ')}`}`;
    return together([...leasedPorts(ranges, first, last), ...commonPorts(ranges, first, last)], good);
  },
};

const USUAL_RANGE = "sudo sysctl -w net.ipv4.ip_local_port_range='32768 60999'";

function leasedPorts({ reserved }: PortRanges, first: number, last: number): readonly Finding[] {
  const from = Math.max(first, FIRST_LEASED_PORT);
  const to = Math.min(last, LAST_LEASED_PORT);
  const covered = reserved.some(([start, end]) => start <= from && end >= to);
  if (from > to || covered) return [];
  const text = `outgoing connections use ${first}-${last}, which overlaps with ports that are leased to services (${FIRST_LEASED_PORT}-${LAST_LEASED_PORT}): a connection can take a service's port`;
  return [warn(text, USUAL_RANGE)];
}

function commonPorts({ reserved }: PortRanges, first: number, last: number): readonly Finding[] {
  const isReserved = (port: number): boolean => reserved.some(([from, to]) => from <= port && port <= to);
  const inside = COMMON.filter((port) => port >= first && port <= last && !isReserved(port));
  if (inside.length === 0) return [];
  const text = `servers' usual ports lie in the range of outgoing connections (${first}-${last}): ${inside.join(', ')}`;
  return [warn(text, USUAL_RANGE)];
}
