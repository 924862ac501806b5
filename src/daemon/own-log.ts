/** The log files of the daemon and the gateway themselves. It must not know what is written there. */

import { chmodSync, copyFileSync, statSync, truncateSync } from 'node:fs';

/** Reports are rare; a fault that repeats for weeks must not fill the disk. */
const MOST_BYTES = 5_000_000;

/**
 * A log that grew too large goes to `FILE.1`, in place of an older one, and begins anew. Copied and emptied rather than renamed: our
 * own standard error, and that of starters that lose the race for the lock, stay open on this very file and append to it. To be
 * called by the holder of the home's lock alone. What the disk refuses is reported: the program is worth more than its log.
 */
export function capOwnLog(file: string, report: (error: unknown) => void, mostBytes = MOST_BYTES): void {
  try {
    const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= mostBytes) return;
    const old = `${file}.1`;
    copyFileSync(file, old);
    chmodSync(old, 0o600);
    truncateSync(file);
  } catch (error) {
    report(error);
  }
}
