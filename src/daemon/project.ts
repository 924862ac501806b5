/** The project that a request means: read from its file, or given in words. It must not know environments. */

import { loadProject, projectFromText } from '../config/load.ts';
import type { UpRequest } from '../core/api.ts';
import type { Project } from '../core/model.ts';
import type { EnvironmentTools } from './environment-tools.ts';

/** Errors: CONFIG_*. */
export async function projectOf(
  request: Pick<UpRequest, 'directory' | 'file' | 'inline'>,
  { recipes, faultKinds: faults }: Pick<EnvironmentTools, 'recipes' | 'faultKinds'>,
): Promise<Project> {
  const { directory, file, inline } = request;
  if (inline === undefined)
    return await loadProject({ directory, recipes, faults, ...(file === undefined ? {} : { file }) });
  return projectFromText(inline.yaml, directory, recipes, faults);
}
