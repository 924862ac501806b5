/** Which connections move so that all processes have about as much to carry. Pure; it must not know sockets, nor processes. */

export interface Loaded {
  /** Any unit, the same for all. */
  readonly load: number;
}

/** Moves that win less than this are not worth it: loads are never quite the same twice. */
const WORTH = 0.85;

/** For each of `own` that moves, which of `others` (by its place) it goes to. The busiest go first, to whoever has least. */
export function share<T extends Loaded>(
  own: readonly T[],
  others: readonly Loaded[],
): ReadonlyMap<T, number> {
  const moves = new Map<T, number>();
  const loads = others.map(({ load }) => load);
  let left = own.reduce((sum, { load }) => sum + load, 0);
  for (const one of [...own].sort((a, b) => b.load - a.load)) {
    const least = loads.indexOf(Math.min(...loads));
    const there = loads[least];
    if (there === undefined || one.load === 0) break;
    if (there + one.load >= left * WORTH) continue;
    moves.set(one, least);
    loads[least] = there + one.load;
    left -= one.load;
  }
  return moves;
}
