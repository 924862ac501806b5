/** REUSEPORT_GROUP: several sockets listen on one place, which SO_REUSEPORT allows; the kernel spreads connections over them. */

import type { CauseDocument, ListenerDocument, OwnerDocument } from '../../core/inspection.ts';
import { canBind } from '../why/bindable.ts';
import type { Cause, Situation } from './cause.ts';
import { programsOf } from './programs.ts';
import { holderText, listText, ownerEvidence, placeText } from './words.ts';

export const reuseportGroup: Cause = {
  code: 'REUSEPORT_GROUP',
  summary:
    'Several sockets listen on the same place by SO_REUSEPORT, and the kernel spreads connections over them; an old instance may still be among them.',
  find: (situation) => groupsOf(situation.listeners).map((group) => documentOf(group, situation)),
};

/** Listeners that could not stand side by side without it. */
function groupsOf(listeners: readonly ListenerDocument[]): readonly (readonly ListenerDocument[])[] {
  const groups: ListenerDocument[][] = [];
  for (const listener of listeners) {
    const ask = { address: listener.address, ipv6Only: true };
    const group = groups.find((members) => canBind(ask, members) === false);
    if (group === undefined) groups.push([listener]);
    else group.push(listener);
  }
  return groups.filter(({ length }) => length > 1);
}

function documentOf(group: readonly ListenerDocument[], { port }: Situation): CauseDocument {
  const programs = programsOf(group);
  const places = [...new Set(group.map(({ address }) => placeText(address, port)))];
  const owners = unique(group.flatMap((listener) => listener.owners));
  const oldest = programs.length > 1 ? eldest(owners) : undefined;
  return {
    code: reuseportGroup.code,
    text: `${textOf(group, programs.length, places)}${programs.length > 1 ? ' An old instance may still be among them.' : ''}`,
    evidence: owners.map(ownerEvidence),
    fix: oldest === undefined ? null : `kill ${oldest.pid}   # the eldest; the others go on`,
    pid: (oldest ?? owners[0])?.pid ?? null,
    sure: 'certain',
  };
}

function textOf(group: readonly ListenerDocument[], programs: number, places: readonly string[]): string {
  const holders = listText(group.map(holderText));
  const where = listText(places);
  // The socket of one address takes everything that comes there; the wildcard has the rest.
  if (places.length > 1)
    return `${group.length} sockets share port by SO_REUSEPORT on ${where} (${holders}): the most exact address takes all that comes to it.`;
  return programs > 1
    ? `Connections to ${where} are spread over ${programs} programs, ${holders}.`
    : `Connections to ${where} are spread over ${group.length} sockets of one program, ${holders}.`;
}

function unique(owners: readonly OwnerDocument[]): readonly OwnerDocument[] {
  return [...new Map(owners.map((owner) => [owner.pid, owner])).values()];
}

function eldest(owners: readonly OwnerDocument[]): OwnerDocument | undefined {
  return owners.toSorted((one, other) => (one.started ?? '').localeCompare(other.started ?? ''))[0];
}
