/** The one list of checks, in the order in which a target is looked at: by group, then by number. Checks see what earlier ones found. */

import type { Check } from '../check.ts';
import { exp01 } from './exp-01.ts';
import { sto01 } from './sto-01.ts';
import { web01 } from './web-01.ts';
import { web02 } from './web-02.ts';
import { web03 } from './web-03.ts';
import { web04 } from './web-04.ts';
import { web05 } from './web-05.ts';
import { web07 } from './web-07.ts';
import { web08 } from './web-08.ts';
import { web09 } from './web-09.ts';

export const CHECKS: readonly Check[] = [
  exp01,
  sto01,
  web01,
  web02,
  web03,
  web04,
  web05,
  web07,
  web08,
  web09,
];
