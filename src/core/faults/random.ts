/**
 * Random numbers that a seed repeats: xoshiro128** (Blackman and Vigna, 2018), its state filled by splitmix32. For faults, never for
 * secrets. Pure.
 */

/** Numbers of [0, 1), with 53 bits each. */
export type Random = () => number;

/** `parts`: one and the same series for the same numbers, and another one when any of them differs. */
export function randomFrom(...parts: readonly number[]): Random {
  const state = seeded(parts);
  const bits = (): number => {
    const [a, b, c, d] = state;
    const result = Math.imul(rotate(Math.imul(b, 5), 7), 9);
    const mixed = c ^ a;
    const turned = d ^ b;
    state[0] = a ^ turned;
    state[1] = b ^ mixed;
    state[2] = mixed ^ (b << 9);
    state[3] = rotate(turned, 11);
    return result >>> 0;
  };
  return () => ((bits() >>> 5) * 67_108_864 + (bits() >>> 6)) / 9_007_199_254_740_992;
}

function seeded(parts: readonly number[]): [number, number, number, number] {
  let sum = 0x9e3779b9;
  const step = (): number => {
    sum = (sum + 0x9e3779b9) | 0;
    let mixed = Math.imul(sum ^ (sum >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  for (const part of parts) {
    // Both halves: a seed may be larger than 32 bits.
    sum = step() ^ (part | 0);
    sum = step() ^ Math.trunc(part / 4_294_967_296);
  }
  // All zero is the one state that it never leaves; four steps of one counter are never all zero.
  return [step(), step(), step(), step()];
}

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by));
}
