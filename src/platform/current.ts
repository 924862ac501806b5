/** Chooses the platform once. The only place that reads `process.platform`. */

import { LoopyardError } from '../core/errors.ts';
import { linuxPlatform } from './linux/platform.ts';
import type { Platform } from './platform.ts';

/** Errors: PLATFORM_UNSUPPORTED. */
export function currentPlatform(): Platform {
  if (process.platform === 'linux') return linuxPlatform();
  throw new LoopyardError('PLATFORM_UNSUPPORTED', { what: 'running services', platform: process.platform });
}
