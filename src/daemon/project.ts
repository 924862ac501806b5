/** The project that a request means: read from its file, or given in words. It must not know environments. */

import { loadProject, parseProject } from '../config/load.ts';
import type { UpRequest } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
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
  const label = 'the command line';
  const { project, diagnostics } = parseProject(inline.yaml, { file: label, root: directory, recipes });
  if (project !== null) return { ...project, file: null };
  const lines = diagnostics.map((diagnostic) => diagnostic.message);
  throw new LoopyardError('CONFIG_INVALID', { count: `${lines.length} mistake(s)`, file: label }, lines);
}
