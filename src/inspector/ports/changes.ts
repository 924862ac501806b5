/**
 * What changed between two looks: which listeners opened, closed, or are there with another owner or at another address. Pure.
 *
 * Several sockets may stand at one place (SO_REUSEPORT), so listeners are paired step by step: those that are the same in all; those
 * at the same place, which have another owner now; and the only one left of a port on both sides, which moved.
 */

import type { ListenerDocument } from '../../core/inspection.ts';

export interface Changes {
  readonly opened: readonly ListenerDocument[];
  readonly closed: readonly ListenerDocument[];
  readonly changed: readonly { readonly before: ListenerDocument; readonly listener: ListenerDocument }[];
}

type Pair = Changes['changed'][number];

export function changesBetween(
  before: readonly ListenerDocument[],
  after: readonly ListenerDocument[],
): Changes {
  const same = pair(before, after, whole);
  const moved = pair(same.before, same.after, place);
  const onlyOf = pair(alone(moved.before), alone(moved.after), portOf);
  const paired = new Set(onlyOf.pairs.flatMap(({ before, listener }) => [before, listener]));
  return {
    opened: moved.after.filter((one) => !paired.has(one)),
    closed: moved.before.filter((one) => !paired.has(one)),
    changed: [...moved.pairs, ...onlyOf.pairs],
  };
}

function pair(
  before: readonly ListenerDocument[],
  after: readonly ListenerDocument[],
  keyOf: (listener: ListenerDocument) => string,
): {
  readonly pairs: readonly Pair[];
  readonly before: readonly ListenerDocument[];
  readonly after: readonly ListenerDocument[];
} {
  const waiting = new Map<string, ListenerDocument[]>();
  for (const one of before) {
    const key = keyOf(one);
    const others = waiting.get(key);
    if (others === undefined) waiting.set(key, [one]);
    else others.push(one);
  }
  const pairs: Pair[] = [];
  const left: ListenerDocument[] = [];
  for (const listener of after) {
    const found = waiting.get(keyOf(listener))?.shift();
    if (found === undefined) left.push(listener);
    else pairs.push({ before: found, listener });
  }
  return { pairs, before: [...waiting.values()].flat(), after: left };
}

/** All that a change is made of. A pid is used again, so its start belongs to it. */
function whole(listener: ListenerDocument): string {
  const { owners, scope, interface: name, service, hidden } = listener;
  const holders = owners.map(({ pid, started }) => `${pid} ${started}`).sort();
  return [place(listener), scope, name, service?.name, hidden === null, ...holders].join('\n');
}

function place({ protocol, address, port }: ListenerDocument): string {
  return `${protocol} ${address} ${port}`;
}

function portOf({ protocol, port }: ListenerDocument): string {
  return `${protocol} ${port}`;
}

/** With several on one port nobody can tell which became which. */
function alone(listeners: readonly ListenerDocument[]): readonly ListenerDocument[] {
  const counts = new Map<string, number>();
  for (const one of listeners) counts.set(portOf(one), (counts.get(portOf(one)) ?? 0) + 1);
  return listeners.filter((one) => counts.get(portOf(one)) === 1);
}
