/**
 * What one service of the file is while it is being checked: the fields that are right, and where it stands.
 */

import type { FaultKind } from '../../core/fault.ts';
import type { Recipe, RecipeCatalog } from '../../core/recipe.ts';
import type { RawService } from '../../core/schema.ts';
import type { Path, Reporter } from '../reporter.ts';

export interface Draft {
  readonly name: string;
  readonly path: Path;
  readonly raw: { readonly [Key in keyof RawService]?: NonNullable<RawService[Key]> };
  /** Keys that are there but wrong. */
  readonly wrong: ReadonlySet<string>;
  /** null for `run:`, and for a recipe that nobody knows. */
  readonly recipe: Recipe | null;
}

export interface Context {
  readonly report: Reporter;
  readonly recipes: RecipeCatalog;
  readonly faults: readonly FaultKind[];
  /** Absolute. */
  readonly root: string;
}
