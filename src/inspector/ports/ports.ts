/** `lo ports`: every listener of this machine. */

import type { PortsRequest } from '../../core/api.ts';
import type { ListenerDocument, PortsReport, Unseen } from '../../core/inspection.ts';
import { type InspectorTools, Look } from '../look.ts';

export async function ports(tools: InspectorTools, request: PortsRequest): Promise<PortsReport> {
  const look = new Look(tools, await tools.holdings());
  const table = tools.platform.sockets('listening');
  const sockets = table.sockets.filter(
    ({ local }) => request.port === undefined || local.port === request.port,
  );
  const unseen = [...table.gaps, ...tools.platform.blindSpots()].map(
    (gap): Unseen => ({ ...gap, fix: null }),
  );
  return { schema: 1, listeners: look.listeners(sockets).filter((one) => fits(one, request)), unseen };
}

function fits(listener: ListenerDocument, request: PortsRequest): boolean {
  const { pid, name, scope } = request;
  if (scope !== undefined && listener.scope !== scope) return false;
  if (pid !== undefined && !listener.owners.some((owner) => owner.pid === pid)) return false;
  if (name === undefined) return true;
  const words = listener.owners.flatMap((owner) => [owner.name, ...owner.command]);
  return [...words, listener.service?.name ?? ''].some((word) => word.includes(name));
}
