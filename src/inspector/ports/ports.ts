/** `lo ports`: every listener of this machine; with `all` everything else that has to do with sockets. */

import type { PortsRequest } from '../../core/api.ts';
import type { PortsReport, Unseen } from '../../core/inspection.ts';
import { type InspectorTools, Look } from '../look.ts';
import { nameContainers } from './container-names.ts';
import { everythingElse } from './everything.ts';
import { isListenerMeant, isSocketMeant } from './filter.ts';
import { unseenSpots } from './hidden.ts';

export async function ports(tools: InspectorTools, request: PortsRequest): Promise<PortsReport> {
  const look = await Look.begin(tools);
  const table = tools.platform.sockets('listening');
  const meant = table.sockets.filter((socket) => isSocketMeant(socket, request));
  const named = await nameContainers(tools.platform, look.listeners(meant));
  const listeners = named.listeners.filter((one) => isListenerMeant(one, request));
  // A blind spot that hides nobody is no news; with a filter for owners, whoever is hidden might be the one.
  const hides = named.listeners.some(({ ownerVisible }) => !ownerVisible);
  const unseen = [
    ...table.gaps.map((gap): Unseen => ({ ...gap, fix: null })),
    ...(hides ? unseenSpots(look.sight) : []),
    ...named.unseen,
  ];
  if (!request.all) return { schema: 1, listeners, unseen };
  const { gaps, ...rest } = await everythingElse(look, request);
  return { schema: 1, listeners, unseen: [...unseen, ...gaps], ...rest };
}
