/** Listeners on the port in other network namespaces: containers, mostly. No obstacle, but often what somebody looks for. */

import type { OtherNamespace } from '../../platform/facts.ts';
import type { Situation } from '../causes/cause.ts';
import type { Look } from '../look.ts';
import { nameContainers } from '../ports/container-names.ts';

export async function listenersElsewhere(
  look: Look,
  namespaces: readonly OtherNamespace[],
  port: number,
): Promise<Situation['elsewhere']> {
  const found = await Promise.all(namespaces.map((namespace) => listenersIn(look, namespace, port)));
  return found.flat();
}

async function listenersIn(
  look: Look,
  { id, pids }: OtherNamespace,
  port: number,
): Promise<Situation['elsewhere']> {
  for (const pid of pids) {
    const { sockets } = look.platform.sockets('listening', pid);
    // It ended, or may not be looked into, or nothing listens there: another one of the same namespace tells the same or more.
    if (sockets.length === 0) continue;
    const meant = sockets.filter(({ state, local }) => state === 'listen' && local.port === port);
    const { listeners } = await nameContainers(look.platform, look.listenersElsewhere(meant));
    return listeners.flatMap((listener) => {
      const owner = listener.owners[0] ?? look.owner(pid);
      return owner === null ? [] : [{ namespace: id, owner, listener }];
    });
  }
  return [];
}
