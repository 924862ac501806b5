/** EXP: exposure and firewall, on the fixtures of this group. */

import { EXPOSURE } from './fixtures/exposure.ts';
import { score } from './support/score.ts';

score('EXP', EXPOSURE);
