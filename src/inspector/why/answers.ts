/** Who takes a new connection, from the listeners and what the trials showed of them. Pure. */

import type { ListenerDocument } from '../../core/inspection.ts';
import type { Situation } from '../causes/cause.ts';
import { covers, plainAddress } from './bindable.ts';
import { takesIpv4 } from './trials.ts';

type Known = Pick<Situation, 'listeners' | 'trials'>;

/**
 * As the kernel chooses (the score of its listener lookup): a socket of this one address before a wildcard, one of the address' own
 * family before `::` that takes both. Null: nobody. Of a SO_REUSEPORT group it is the first; each connection may go to another.
 */
export function answererAt(address: string, situation: Known): ListenerDocument | null {
  const candidates = situation.listeners.filter((listener) => takes(listener, address, situation));
  const score = (one: ListenerDocument): number =>
    plainAddress(one.address) === plainAddress(address)
      ? 2
      : one.address === '::' && !address.includes(':')
        ? 0
        : 1;
  return candidates.toSorted((one, other) => score(other) - score(one))[0] ?? null;
}

/** Tries one address after the other, as clients do when the first refuses. */
export function answererFor(order: readonly string[], situation: Known): ListenerDocument | null {
  for (const address of order) {
    const found = answererAt(address, situation);
    if (found !== null) return found;
  }
  return null;
}

/** The pid that stands for a listener; null: none is seen. */
export function pidOf(listener: ListenerDocument | null): number | null {
  return listener?.owners[0]?.pid ?? null;
}

function takes({ address }: ListenerDocument, wanted: string, situation: Known): boolean {
  return covers(address, wanted) ?? takesIpv4(situation.trials);
}
