/** Who listens at the place that is asked about, and who listens on its port elsewhere. It must not know names. */

import type { AddressFacts, ListenerDocument, Unseen } from '../../core/inspection.ts';
import type { Look } from '../look.ts';
import { type Asked, answersAt } from './matching.ts';

export interface Listening {
  readonly listeners: readonly ListenerDocument[];
  /** On the same port at other addresses of this machine; TCP alone. */
  readonly beside: readonly ListenerDocument[];
  /** Sockets could not be read in whole. */
  readonly isBlind: boolean;
  readonly unseen: readonly Unseen[];
}

export async function findListening(
  asked: Asked,
  addresses: readonly AddressFacts[],
  look: Look,
): Promise<Listening> {
  // Of an address of another machine nothing can be seen, whatever listens on wildcards here.
  const isElsewhere = asked.ips !== null && !addresses.some(({ local }) => local);
  if (isElsewhere) return { listeners: [], beside: [], isBlind: false, unseen: [] };
  const table = look.platform.sockets('listening');
  const sockets = table.sockets.filter(({ local }) => asked.port === null || local.port === asked.port);
  const all = look.listeners(sockets);
  const listeners = await withoutIpv6Only(
    all.filter((listener) => answersAt(listener, asked)),
    asked,
    look,
  );
  const isBeside = (one: ListenerDocument): boolean => one.protocol === 'tcp' && !listeners.includes(one);
  const hidden = listeners.some(({ ownerVisible }) => !ownerVisible) ? look.platform.blindSpots() : [];
  return {
    listeners,
    beside: asked.port === null ? [] : all.filter(isBeside),
    isBlind: table.gaps.length > 0,
    unseen: [...table.gaps, ...hidden].map((gap) => ({ ...gap, fix: null })),
  };
}

/**
 * A listener on `::` that does not take IPv4 is no answer for an IPv4 address. The tables do not say which it is; that the port can be
 * had on 127.0.0.1 does.
 */
async function withoutIpv6Only(
  found: readonly ListenerDocument[],
  { ips, port }: Asked,
  { platform }: Look,
): Promise<readonly ListenerDocument[]> {
  const isDoubtful = (one: ListenerDocument): boolean => one.protocol === 'tcp' && one.address === '::';
  if (ips === null || port === null || ips.some(({ family }) => family === 6)) return found;
  if (!found.some(isDoubtful) || found.some((one) => one.protocol === 'tcp' && !isDoubtful(one)))
    return found;
  const { bindable } = await platform.tryBind('127.0.0.1', port);
  return bindable ? found.filter((one) => !isDoubtful(one)) : found;
}
