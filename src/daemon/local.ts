/**
 * What the command line may do without a daemon: look, write nothing. The one entry point beside `main.ts`; the CLI loads it by
 * `import()` only where it is needed. It must not start services.
 */

import { currentHome } from '../client/home.ts';
import { environmentPaths } from '../core/paths.ts';
import { jsonSchema } from '../core/schema/json-schema.ts';
import type { DoctorReport } from '../core/status.ts';
import { currentPlatform } from '../platform/current.ts';
import { RECIPES } from '../recipes/all.ts';
import { type Guardian, startGuardian } from '../supervisor/guardian.ts';
import { examine } from './doctor.ts';

export { RECIPES } from '../recipes/all.ts';

/** `lo schema`. */
export function schemaDocument(): object {
  return jsonSchema(RECIPES);
}

/** `lo doctor` when no daemon runs. */
export function doctor(): Promise<DoctorReport> {
  return examine({ platform: currentPlatform(), home: currentHome() }, null);
}

/** For `lo test` and `lo run`: ends the environment at once when this process is killed. */
export function guard(environmentId: string): Guardian {
  const { runs } = environmentPaths(currentHome(), environmentId);
  return startGuardian({ id: environmentId, runs });
}
