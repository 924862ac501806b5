/** The one list of checks, in the order in which a target is looked at: by group, then by number. Checks see what earlier ones found. */

import type { Check } from '../check.ts';
import { dbg01 } from './dbg-01.ts';
import { dbg02 } from './dbg-02.ts';
import { dbg03 } from './dbg-03.ts';
import { dbg04 } from './dbg-04.ts';
import { dbg05 } from './dbg-05.ts';
import { dbg06 } from './dbg-06.ts';
import { dbg07 } from './dbg-07.ts';
import { dbg08 } from './dbg-08.ts';
import { dbg09 } from './dbg-09.ts';
import { dbg10 } from './dbg-10.ts';
import { dbg11 } from './dbg-11.ts';
import { dbg12 } from './dbg-12.ts';
import { dbg13 } from './dbg-13.ts';
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
import { sto02 } from './sto-02.ts';
import { sto03 } from './sto-03.ts';
import { sto04 } from './sto-04.ts';
import { sto05 } from './sto-05.ts';
import { sto06 } from './sto-06.ts';
import { sto07 } from './sto-07.ts';
import { sto08 } from './sto-08.ts';
import { sto09 } from './sto-09.ts';
import { sto10 } from './sto-10.ts';
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
import { web06 } from './web-06.ts';
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
  sto02,
  sto03,
  sto04,
  sto05,
  sto06,
  sto07,
  sto08,
  sto09,
  sto10,
  dbg01,
  dbg02,
  dbg03,
  dbg04,
  dbg05,
  dbg06,
  dbg07,
  dbg08,
  dbg09,
  dbg10,
  dbg11,
  dbg12,
  dbg13,
  web01,
  web02,
  web03,
  web04,
  web05,
  web06,
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
