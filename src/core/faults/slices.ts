/** How large the next piece of a sliced stream is. Pure: random numbers come in. */

import type { Random } from './random.ts';

/** In bytes, at least 1: evenly spread over `size` more or less `variation`. */
export function drawSlice(size: number, variation: number, random: Random): number {
  const spread = Math.floor(random() * (2 * Math.floor(variation) + 1)) - Math.floor(variation);
  return Math.max(1, Math.floor(size) + spread);
}
