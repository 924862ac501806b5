/** The one list of recipes, in the order of the reference page. */

import type { RecipeCatalog } from '../core/recipe.ts';
import { nginx } from './nginx.ts';
import { node } from './node.ts';
import { postgres } from './postgres.ts';
import { redis } from './redis.ts';
import { staticFiles } from './static.ts';
import { vite } from './vite.ts';

export const RECIPES: RecipeCatalog = [node, vite, staticFiles, postgres, redis, nginx];
