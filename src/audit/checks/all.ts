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
import { htt01 } from './htt-01.ts';
import { htt02 } from './htt-02.ts';
import { htt03 } from './htt-03.ts';
import { htt04 } from './htt-04.ts';
import { htt05 } from './htt-05.ts';
import { htt06 } from './htt-06.ts';
import { htt07 } from './htt-07.ts';
import { htt08 } from './htt-08.ts';
import { htt09 } from './htt-09.ts';
import { htt10 } from './htt-10.ts';
import { sto01 } from './sto-01.ts';
import { tls01 } from './tls-01.ts';
import { tls02 } from './tls-02.ts';
import { tls03 } from './tls-03.ts';
import { tls04 } from './tls-04.ts';
import { tls05 } from './tls-05.ts';
import { tls06 } from './tls-06.ts';
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
  web02,
  web03,
  web04,
  web05,
  web07,
  web08,
  web09,
  htt01,
  htt02,
  htt03,
  htt04,
  htt05,
  htt06,
  htt07,
  htt08,
  htt09,
  htt10,
  tls01,
  tls02,
  tls03,
  tls04,
  tls05,
  tls06,
];
