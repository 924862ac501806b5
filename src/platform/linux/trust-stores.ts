/** All stores of a Linux machine that `lo trust` changes. It must not know how single ones work. */

import type { TrustAnchors } from '../trust.ts';
import { newDatabases, nssSteps } from './trust-nss.ts';
import { systemStep } from './trust-system.ts';

export function linuxTrust(): TrustAnchors {
  return {
    plan: async (wish) => [systemStep(wish), ...(await nssSteps(wish))],
    makes: newDatabases,
  };
}
