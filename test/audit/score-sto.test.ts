/** STO: data stores without authentication, on the fixtures of this group. */

import { STORES } from './fixtures/stores.ts';
import { score } from './support/score.ts';

score('STO', STORES);
