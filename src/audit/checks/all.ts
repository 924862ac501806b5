/** The one list of checks, in the order in which a target is looked at: by group, then by number. Checks see what earlier ones found. */

import type { Check } from '../check.ts';
import { exp01 } from './exp-01.ts';
import { sto01 } from './sto-01.ts';
import { web01 } from './web-01.ts';

export const CHECKS: readonly Check[] = [exp01, sto01, web01];
