/** Names for the containers of listeners. Their manager is only asked when there is one that has none. */

import type { ContainerRef, ListenerDocument, Unseen } from '../../core/inspection.ts';
import type { ContainerFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';

export interface NamedContainers {
  readonly listeners: readonly ListenerDocument[];
  readonly unseen: readonly Unseen[];
}

export async function nameContainers(
  platform: Platform,
  listeners: readonly ListenerDocument[],
): Promise<NamedContainers> {
  if (!listeners.some(lacksName)) return { listeners, unseen: [] };
  const { containers, gaps } = await platform.containers();
  const named = listeners.map((listener) => withName(listener, containers));
  const unseen = named.some(lacksName) ? gaps.map((gap): Unseen => ({ ...gap, fix: null })) : [];
  return { listeners: named, unseen };
}

function lacksName({ container }: ListenerDocument): boolean {
  return container !== null && container.name === null && isAskable(container);
}

function isAskable({ runtime }: ContainerRef): boolean {
  return runtime === 'docker' || runtime === 'podman';
}

function withName(listener: ListenerDocument, containers: readonly ContainerFacts[]): ListenerDocument {
  if (!lacksName(listener) || listener.container === null) return listener;
  const { container } = listener;
  const known = containers.filter(({ runtime }) => runtime === container.runtime);
  const found = known.find(({ id }) => id === container.id) ?? byPlace(listener, known);
  if (found === undefined) return listener;
  return { ...listener, container: { ...container, id: found.id, name: found.name } };
}

/** An address is free for the next container when its last one has ended, so the published port has to fit too. */
function byPlace(
  { container, protocol, address, port }: ListenerDocument,
  containers: readonly ContainerFacts[],
): ContainerFacts | undefined {
  const publishes = ({ published }: ContainerFacts): boolean =>
    published.some(
      (one) =>
        one.protocol === protocol &&
        one.port === port &&
        (one.address === address || one.address === '' || (one.address === '0.0.0.0' && address === '::')) &&
        (container?.target == null || one.target === container.target.port),
    );
  const fitting = containers.filter(publishes);
  const target = container?.target?.address;
  return fitting.find(({ addresses }) => target !== undefined && addresses.includes(target)) ?? fitting[0];
}
