/** TLS: certificates, versions and keys, on the fixtures of this group. */

import { TLS } from './fixtures/tls.ts';
import { score } from './support/score.ts';

score('TLS', TLS);
