/** Chooses the platform once. The only place that reads `process.platform`. */

import { linuxPlatform } from './linux/platform.ts';
import type { Platform } from './platform.ts';
import { unsupportedPlatform } from './unsupported.ts';

/** On a system without an implementation, its verbs throw PLATFORM_UNSUPPORTED. */
export function currentPlatform(): Platform {
  return process.platform === 'linux' ? linuxPlatform() : unsupportedPlatform(process.platform);
}
