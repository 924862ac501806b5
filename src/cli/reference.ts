/** All generated pages of docs/reference, by file name. For `npm run docs` and the test that no page is stale; no command uses it. */

import { apiReference } from '../generate/api-reference.ts';
import { causeReference } from '../generate/cause-reference.ts';
import { checkReference } from '../generate/check-reference.ts';
import { commandReference } from '../generate/command-reference.ts';
import { configReference } from '../generate/config-reference.ts';
import { errorReference } from '../generate/error-reference.ts';
import { faultReference } from '../generate/fault-reference.ts';
import { recipeReference } from '../generate/recipe-reference.ts';
import { COMMANDS } from './commands/all.ts';
import { allPages } from './pages.ts';

export async function referencePages(): Promise<Readonly<Record<string, string>>> {
  const { auditChecks, auditChecksNotDone, CAUSES, FAULTS, RECIPES } = await import('../daemon/local.ts');
  return {
    'api.md': apiReference(),
    'causes.md': causeReference(CAUSES),
    'checks.md': checkReference(await auditChecks(), await auditChecksNotDone()),
    'commands.md': commandReference(await allPages(COMMANDS)),
    'config.md': configReference(RECIPES),
    'errors.md': errorReference(),
    'faults.md': faultReference(FAULTS),
    'recipes.md': recipeReference(RECIPES),
  };
}
