/** Which listeners answer at an address, and which services of ours have one. Pure. */

import type { Holding, ListenerDocument, ServicePlace } from '../../core/inspection.ts';
import { type Ip, mappedIpv4, parseIp } from '../../core/ip.ts';
import { isSame } from './address-facts.ts';

export interface Asked {
  /** IPv4-mapped ones as the IPv4 addresses inside; null: every address. */
  readonly ips: readonly Ip[] | null;
  /** Null: every port. */
  readonly port: number | null;
  readonly name: string | null;
}

export function plainIp(ip: Ip): Ip {
  return mappedIpv4(ip) ?? ip;
}

/** Wildcards answer at every address of their family; `::` at IPv4 ones too, as a rule. */
export function answersAt(listener: ListenerDocument, { ips, port }: Asked): boolean {
  if (port !== null && listener.port !== port) return false;
  if (ips === null) return true;
  const own = parseIp(listener.address);
  if (own === null) return false;
  const isWildcard = own.value === 0n;
  return ips.some(
    (ip) => isSame(plainIp(own), ip) || (isWildcard && (own.family === ip.family || own.family === 6)),
  );
}

/** By address and port, or by the name that the service has or will have. */
export function servicesAt(
  holdings: readonly Holding[],
  { ips, port, name }: Asked,
): readonly ServicePlace[] {
  return holdings.flatMap((holding) => {
    const { environment, project, service, state, endpoints } = holding;
    const isNamed = name !== null && namesOf(holding).includes(name);
    return endpoints
      .filter((endpoint) => port === null || endpoint.port === port)
      .filter(({ address }) => isNamed || ips === null || ips.some((ip) => isSame(parseIp(address), ip)))
      .map(
        (endpoint): ServicePlace => ({
          service: { environment, project, name: service, endpoint: endpoint.name },
          state,
          address: endpoint.address,
          port: endpoint.port,
        }),
      );
  });
}

/** A service of ours that has this name and no port, in words. */
export function portlessService(holdings: readonly Holding[], name: string | null): string | null {
  const found = holdings.find(
    (one) => name !== null && one.endpoints.length === 0 && namesOf(one).includes(name),
  );
  return found === undefined
    ? null
    : `the service ${found.service} of ${found.environment.name}, which has no port`;
}

/** `web` and `web.shop.localhost`; of a linked worktree `web.feature.shop.localhost`. */
function namesOf({ service, environment }: Holding): readonly string[] {
  return [service, `${service}.${environment.name}.localhost`];
}
