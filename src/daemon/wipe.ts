/** Removes a service's data. It must not know whether the service is down: the caller does. */

import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Our own directory goes; one of the user's choice (`data:`) is emptied and stays. */
export async function wipeData(own: string, chosen: string | null): Promise<void> {
  if (chosen === null) {
    await rm(own, { recursive: true, force: true });
    return;
  }
  for (const entry of await readdir(chosen)) await rm(join(chosen, entry), { recursive: true, force: true });
}
