/**
 * `npm run fuzz [-- ROW… --rounds N --seed N]`: random input for hours where `npm test` has seconds. Each row is a test that takes its
 * size and seed from the environment; without a seed each run has another one, and says which.
 */

import { spawnSync } from 'node:child_process';
import { parseArgs } from 'node:util';
import { at } from './lib/root.mjs';

/** `tests`: words of the files' paths. `size`: the variable that says how much, and how much it is here. */
const ROWS = {
  links: { tests: ['links/churn'], size: ['FUZZ_OPERATIONS', 100_000] },
};
const FILE_LIMIT_SECONDS = '7200';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const wanted = positionals.length > 0 ? positionals : Object.keys(ROWS);
const unknown = wanted.filter((name) => !(name in ROWS));
if (unknown.length > 0) {
  console.error(`no such row: ${unknown.join(', ')}; there are ${Object.keys(ROWS).join(', ')}`);
  process.exitCode = 2;
} else {
  process.exitCode = fuzz();
}

function fuzz() {
  for (let round = 0; round < Number(values.rounds); round += 1) {
    for (const name of wanted) {
      const code = once(ROWS[name], Number(values.seed ?? Math.floor(Math.random() * 2 ** 31)) + round);
      if (code !== 0) return code;
    }
  }
  return 0;
}

function once({ tests, size: [variable, size] }, seed) {
  const env = { ...process.env, [variable]: String(size), FUZZ_SEED: String(seed) };
  const args = [at('scripts/test.mjs'), ...tests, '--timeout', FILE_LIMIT_SECONDS];
  return spawnSync(process.execPath, args, { stdio: 'inherit', env }).status ?? 1;
}
