/** Whether a target is open: one look. The socket table is asked first: it disturbs nobody, and knows no port that answers itself. */

import type { DialAnswer } from '../../platform/dial.ts';
import type { SocketTable } from '../../platform/facts.ts';
import { type Attempt, isListener, type Look, listensAt, readTable } from './attempt.ts';
import { placeText, type WaitPlace } from './target.ts';

export async function tryOpen(look: Look): Promise<Attempt> {
  const { places, target, tools } = look;
  const table = readTable(tools.platform);
  const reasons = new Map<string, string[]>();
  let slow = false;
  for (const place of places) {
    const seen = table === null ? 'maybe' : listensAt(table, place, target.port);
    const answer = await tryPlace(look, place, seen);
    if (answer === null) return { met: true, address: place.address, why: null, slow: false };
    slow ||= seen !== 'no';
    reasons.set(answer, [...(reasons.get(answer) ?? []), placeText(place, target.port)]);
  }
  const why = [...reasons].map(([reason, where]) => `${where.join(' and ')}: ${reason}`).join('; ');
  return {
    met: false,
    address: places.at(-1)?.address ?? null,
    why: why === '' ? 'the name leads nowhere' : `${why}${besides(table, look)}`,
    slow,
  };
}

/** Where somebody has the port although nobody was asked for there: most often the other family. */
function besides(table: SocketTable | null, { places, target }: Look): string {
  const others = (table?.sockets ?? []).filter(
    (socket) =>
      isListener(socket, target.port) &&
      places.every((place) => listensAt({ sockets: [socket], gaps: [] }, place, target.port) === 'no'),
  );
  const texts = [...new Set(others.map(({ local }) => placeText(local, target.port)))];
  return texts.length === 0 ? '' : `; it is open on ${texts.join(' and ')}`;
}

const NOBODY = 'nothing listens';

/** Null: it is open. */
async function tryPlace(look: Look, place: WaitPlace, seen: 'yes' | 'maybe' | 'no'): Promise<string | null> {
  const { target, tools, withinMs } = look;
  const at = { address: place.address, port: target.port };
  // A published port of a container may have no listener; outside of the ephemeral range a knock cannot meet itself.
  if (seen === 'no' && (!look.knock || isEphemeral(look))) return NOBODY;
  if (target.url !== null) return reasonOf(await tools.get(at, target.url, withinMs), seen);
  return seen === 'yes' ? null : reasonOf(await tools.dial(at, withinMs), seen);
}

function isEphemeral({ tools, target }: Look): boolean {
  const [first, last] = tools.platform.portRanges().ephemeral ?? [1, 0];
  return target.port >= first && target.port <= last;
}

/** Below 400, as `ready: { http: … }` has it. */
function reasonOf(answer: DialAnswer, seen: 'yes' | 'maybe' | 'no'): string | null {
  if (answer.failed !== null) return seen === 'no' && answer.code === 'ECONNREFUSED' ? NOBODY : answer.failed;
  return answer.status === null || answer.status < 400 ? null : `it answers with status ${answer.status}`;
}
