/** The one list of checks, in the order in which a target is looked at: by group, then by number. Checks see what earlier ones found. */

import type { Check } from '../check.ts';
import { exp01 } from './exp-01.ts';
import { exp02 } from './exp-02.ts';
import { exp03 } from './exp-03.ts';
import { exp04 } from './exp-04.ts';
import { exp05 } from './exp-05.ts';
import { exp06 } from './exp-06.ts';
import { exp07 } from './exp-07.ts';
import { exp08 } from './exp-08.ts';
import { exp09 } from './exp-09.ts';
import { sto01 } from './sto-01.ts';
import { web01 } from './web-01.ts';

export const CHECKS: readonly Check[] = [
  exp01,
  exp02,
  exp03,
  exp04,
  exp05,
  exp06,
  exp07,
  exp08,
  exp09,
  sto01,
  web01,
];
