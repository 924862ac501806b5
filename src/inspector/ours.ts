/** What the inspector is told of Loopyard's own: the daemon hands it in; without one there is nothing. It must not ask by itself. */

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
