/** DBG: debug and control endpoints, on the fixtures of this group. */

import { DEBUG } from './fixtures/debug.ts';
import { score } from './support/score.ts';

score('DBG', DEBUG);
