/**
 * Which connections move so that all processes carry about as many that are in use. Numbers, not loads: who asks again when it was
 * answered says less where a process is slow, and would then get even more of them. Pure; it must not know sockets, nor processes.
 */

/** Of all: a smaller difference is left, since who is in use is never quite the same twice. */
const WORTH = 0.1;

/** `own`: those that may go, busiest first. `others`: how many each of the others has. Gives whither (a place in `others`) who goes. */
export function share<T>(own: readonly T[], others: readonly number[]): ReadonlyMap<T, number> {
  const moves = new Map<T, number>();
  const all = others.reduce((sum, count) => sum + count, own.length);
  const surplus = Math.floor(own.length - all / (others.length + 1));
  if (surplus < Math.max(1, all * WORTH)) return moves;
  const counts = [...others];
  for (let index = 0; index < surplus; index += 1) {
    // Busy ones and others alike.
    const one = own[Math.floor((index * own.length) / surplus)];
    const least = counts.indexOf(Math.min(...counts));
    if (one === undefined || least < 0) break;
    moves.set(one, least);
    counts[least] = (counts[least] ?? 0) + 1;
  }
  return moves;
}
