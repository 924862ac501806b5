/** What the inspector is told of Loopyard's own: the daemon hands it in; without one there is nothing. It must not ask by itself. */

import type { GatewayHolding, GatewayRef } from '../core/gateway-holding.ts';
import type { Holding, ServiceRef } from '../core/inspection.ts';

/** A port that a service of ours holds or will want; null: not ours. `pids`: holders of the socket with all that are above them. */
export function serviceOf(
  holdings: readonly Holding[],
  listener: { readonly address: string; readonly port: number },
  pids: ReadonlySet<number>,
): ServiceRef | null {
  let inside: ServiceRef | null = null;
  for (const holding of holdings) {
    const { environment, project, service } = holding;
    const isMember = holding.pid !== null && pids.has(holding.pid);
    for (const endpoint of holding.endpoints) {
      if (endpoint.port !== listener.port) continue;
      // A leased address is ours whoever holds it; on any other, only a process of the run is.
      if (isMember || (holding.pid !== null && endpoint.address === listener.address))
        return { environment, project, name: service, endpoint: endpoint.name };
    }
    if (isMember) inside ??= { environment, project, name: service, endpoint: null };
  }
  return inside;
}

/** What our gateway listens there for; undefined: it is not the gateway's. */
export function gatewayAt(
  gateway: GatewayHolding | null,
  { address, port }: { readonly address: string; readonly port: number },
  pids: ReadonlySet<number>,
): GatewayRef | undefined {
  if (gateway === null || !pids.has(gateway.pid)) return undefined;
  const found = gateway.links.find((one) => one.address === address && one.port === port);
  if (found === undefined) return { link: null, environment: null, service: null, caller: null };
  const { link, environment, service, caller } = found;
  return { link, environment, service, caller };
}

/** `the link api:db of shop`, `names` */
export function gatewayWords({ link, environment }: GatewayRef): string {
  if (link === null) return 'names';
  return `the link ${link}${environment === null ? '' : ` of ${environment.name}`}`;
}
