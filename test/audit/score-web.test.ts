/** WEB: what browsers carry in, on the fixtures of this group. */

import { WEB } from './fixtures/web.ts';
import { score } from './support/score.ts';

score('WEB', WEB);
