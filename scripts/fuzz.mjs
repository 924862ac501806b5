/**
 * `npm run fuzz [-- WORD… --rounds N --seed N]`: the tests that try inputs at random, longer than `npm test` runs them, each time with
 * another seed. A row is a test file that obeys FUZZ_ROUNDS and FUZZ_SEED; a failure names the seed that repeats it.
 */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { at } from './lib/root.mjs';

const ROWS = [{ file: 'gateway/http1/fuzz', rounds: 1_000_000 }];
const FILE_LIMIT_SECONDS = '3600';

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const rows = ROWS.filter(
  ({ file }) => positionals.length === 0 || positionals.some((word) => file.includes(word)),
);
if (rows.length === 0) {
  console.error(`no such row; there are ${ROWS.map(({ file }) => file).join(', ')}`);
  process.exitCode = 2;
}
for (const { file, rounds } of rows) {
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  const env = { ...process.env, FUZZ_ROUNDS: values.rounds ?? String(rounds), FUZZ_SEED: seed };
  const { status } = spawnSync(
    process.execPath,
    [at('scripts/test.mjs'), file, '--timeout', FILE_LIMIT_SECONDS],
    { stdio: 'inherit', env },
  );
  if (status !== 0) process.exitCode = 1;
}
