/** How long a latency fault takes this time. Pure: random numbers come in. */

import type { Random } from './random.ts';

export interface DelaySettings {
  /** ms. */
  readonly delay: number;
  /** ms: the most, either way, of `uniform`; else the standard deviation. */
  readonly jitter: number;
  readonly distribution: string;
}

/** In ms, never below 0. The mean is `delay`, as long as nothing is cut off at 0. */
export function drawDelay({ delay, jitter, distribution }: DelaySettings, random: Random): number {
  if (jitter === 0) return delay;
  return Math.max(0, delay + jitter * deviation(distribution, random));
}

function deviation(distribution: string, random: Random): number {
  switch (distribution) {
    case 'normal':
      return normal(random);
    case 'pareto':
      return pareto(random);
    default:
      return random() * 2 - 1;
  }
}

/** Mean 0, standard deviation 1 (Box and Muller). The second number that it could give is left: one draw, one state. */
function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()));
  return radius * Math.cos(2 * Math.PI * random());
}

/** The heaviest tail whose deviation is still finite by a margin: shape 3, moved and scaled to mean 0 and standard deviation 1. */
const SHAPE = 3;
const MEAN = SHAPE / (SHAPE - 1);
const DEVIATION = Math.sqrt(SHAPE / (SHAPE - 2)) / (SHAPE - 1);

function pareto(random: Random): number {
  return ((1 - random()) ** (-1 / SHAPE) - MEAN) / DEVIATION;
}
