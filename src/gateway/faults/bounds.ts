/** What no fault may be told: times so long that nobody sees their end. It must not know which fault is checked. */

import type { Fault } from '../../core/fault.ts';

/** In ms. Longer than any test, and far below where timers overflow. */
const LONGEST = 24 * 3_600_000;

/** A sentence for each of these durations that is longer than a day. */
export function withinDay(settings: Fault['settings'], ...names: readonly string[]): readonly string[] {
  return names
    .filter((name) => Number(settings[name]) > LONGEST)
    .map((name) => `${name} is longer than a day (24h), the longest that a fault can wait`);
}
