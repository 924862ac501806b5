/**
 * Who has to end so that sockets are closed for good: of all that hold one, those that no other holder stands above. nginx's master
 * and not its workers, which it would replace. Pure.
 */

import type { ListenerDocument, OwnerDocument } from '../../core/inspection.ts';

export interface Family {
  readonly root: OwnerDocument;
  /** Holders below the root, elders first. */
  readonly members: readonly OwnerDocument[];
  /** What the root or a member holds. */
  readonly listeners: readonly ListenerDocument[];
}

/** In the order of the listeners. Holders that only share an ancestor without a socket are families of their own. */
export function familiesOf(listeners: readonly ListenerDocument[]): readonly Family[] {
  const holders = new Map(listeners.flatMap(({ owners }) => owners).map((owner) => [owner.pid, owner]));
  const rootOf = ({ pid, parents }: OwnerDocument): number =>
    parents.findLast((parent) => holders.has(parent.pid))?.pid ?? pid;
  const roots = new Set([...holders.values()].map(rootOf));
  return [...roots].flatMap((pid) => {
    const root = holders.get(pid);
    if (root === undefined) return [];
    const isOfIt = (owner: OwnerDocument): boolean => rootOf(owner) === pid;
    const members = [...holders.values()].filter((owner) => owner.pid !== pid && isOfIt(owner));
    return [{ root, members, listeners: listeners.filter(({ owners }) => owners.some(isOfIt)) }];
  });
}
