/** HTT: HTTP hygiene, on the fixtures of this group. */

import { HYGIENE } from './fixtures/http.ts';
import { score } from './support/score.ts';

score('HTT', HYGIENE);
