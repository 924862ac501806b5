/** Work that must not be given up for a fault that passes. It must not know what the work is. */

import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf } from '../core/errors.ts';

/** Tries again after each pause (ms). Null once it was done, else the reason of the last failure. `report` hears of each. */
export async function persistently(
  work: () => Promise<unknown>,
  pauses: readonly number[],
  report: (error: unknown) => void,
): Promise<string | null> {
  for (let tried = 0; ; tried += 1) {
    try {
      await work();
      return null;
    } catch (error) {
      report(error);
      const pause = pauses[tried];
      if (pause === undefined) return reasonOf(error);
      await delay(pause);
    }
  }
}
