/** Whether a port is free: one look. Only when nobody is seen to listen is it taken for an instant, so that nobody is robbed of it. */

import type { SocketFacts } from '../../platform/facts.ts';
import { type Attempt, isListener, type Look, listensAt, readTable } from './attempt.ts';
import { placeText, type WaitPlace } from './target.ts';

export async function tryFree(look: Look): Promise<Attempt> {
  const { places, target, tools } = look;
  const table = readTable(tools.platform);
  for (const place of places) {
    const seen = table === null ? 'maybe' : listensAt(table, place, target.port);
    const where = placeText(place, target.port);
    if (seen === 'yes') return held(place, `somebody listens on ${where}`, false);
    const why = await cannotBind(look, place);
    if (why !== null) return held(place, `${where}: ${why}`, true);
  }
  return { met: true, address: places[0]?.address ?? null, why: null, slow: false };
}

function held({ address }: WaitPlace, why: string, slow: boolean): Attempt {
  return { met: false, address, why, slow };
}

/** Not for want of a port: this machine lacks the address, or this user the right. */
const NOT_HELD: ReadonlySet<string> = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EINVAL', 'EACCES', 'EPERM']);

async function cannotBind({ target, tools }: Look, { address }: WaitPlace): Promise<string | null> {
  const answer = await tools.platform.tryListen(address, target.port, address.includes(':'));
  if (answer.bindable || NOT_HELD.has(answer.code)) return null;
  return `it cannot be had (${answer.code}); \`lo why ${target.port}\` tells why`;
}

/** The sockets that are in the way, to name their owners. */
export function holdersOf({ places, target, tools }: Look): readonly SocketFacts[] {
  const table = readTable(tools.platform);
  if (table === null) return [];
  const own = table.sockets.filter((socket) => isListener(socket, target.port));
  return own.filter((socket) =>
    places.some((place) => listensAt({ sockets: [socket], gaps: [] }, place, target.port) !== 'no'),
  );
}
