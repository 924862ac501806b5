/** The project that a request means: read from its file, or given in words. It must not know environments. */

import { loadProject, projectFromText } from '../config/load.ts';
import type { UpRequest } from '../core/api.ts';
import type { Project } from '../core/model.ts';
import type { RecipeCatalog } from '../core/recipe.ts';

/** Errors: CONFIG_*. */
export async function projectOf(
  request: Pick<UpRequest, 'directory' | 'file' | 'inline'>,
  recipes: RecipeCatalog,
): Promise<Project> {
  const { directory, file, inline } = request;
  if (inline === undefined)
    return await loadProject(file === undefined ? { directory, recipes } : { directory, file, recipes });
  return projectFromText(inline.yaml, directory, recipes);
}
