/** Chooses the platform once. The only place that reads `process.platform`. */

import { darwinPlatform } from './darwin/platform.ts';
import { linuxPlatform } from './linux/platform.ts';
import type { Platform } from './platform.ts';
import { unsupportedPlatform } from './unsupported.ts';
import { windowsPlatform } from './windows/platform.ts';

/** Where services cannot run yet, what they need throws PLATFORM_UNSUPPORTED; on a system without any implementation most verbs do. */
export function currentPlatform(): Platform {
  switch (process.platform) {
    case 'linux':
      return linuxPlatform();
    case 'darwin':
      return darwinPlatform();
    case 'win32':
      return windowsPlatform();
    default:
      return unsupportedPlatform(process.platform);
  }
}
