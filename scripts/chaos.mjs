/**
 * `npm run chaos [-- --rounds N] [-- --seed N]`: the tests that kill things at random moments, longer than `npm test` runs them:
 * the daemon at 50 moments of a life and of a start, the stop matrix for 20 rounds, and 300 services with 600 links.
 */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { at } from './lib/root.mjs';

/** Twenty rounds take several minutes on a machine that has other work too. */
const FILE_LIMIT_SECONDS = '1200';

const { values } = parseArgs({ options: { rounds: { type: 'string' }, seed: { type: 'string' } } });
const env = {
  ...process.env,
  CHAOS_ROUNDS: values.rounds ?? '50',
  MATRIX_ROUNDS: '20',
  LINK_SERVICES: '300',
};
if (values.seed !== undefined) env.CHAOS_SEED = values.seed;

const { status } = spawnSync(
  process.execPath,
  [
    at('scripts/test.mjs'),
    'e2e/chaos',
    'supervisor/waiter',
    'stop-matrix',
    'links/scale',
    '--timeout',
    FILE_LIMIT_SECONDS,
  ],
  {
    stdio: 'inherit',
    env,
  },
);
process.exitCode = status ?? 1;
