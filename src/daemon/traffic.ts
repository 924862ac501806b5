/** The part of what the gateway counted that is of one environment. It must not know how it is asked. */

import type { GatewayStatus } from '../core/gateway.ts';
import type { Traffic } from '../core/traffic.ts';

export function trafficOf(status: GatewayStatus | null, environment: string): Traffic | null {
  if (status === null) return null;
  const { pid, connections, lagMs } = status;
  const routes = status.routes.filter(({ id }) => id.startsWith(`${environment}/`));
  return { pid, connections, lagMs, routes };
}
