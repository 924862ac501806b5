/** What a command costs beside a bare `node`: CPU time of the child, the only figure that a busy machine does not spoil. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { Lab } from '../support/lab.ts';
import { dist } from '../support/paths.ts';

const run = promisify(execFile);
const ROUNDS = 11;
const LO = join(dist, 'lo.js');

/** User and system time in ms, as the shell counts them for its children. */
async function cpuOf(argv: readonly string[], lab: Lab): Promise<number> {
  const { stdout } = await run(
    'bash',
    ['-c', '"$@" >/dev/null 2>&1; times', 'bash', process.execPath, ...argv],
    {
      cwd: lab.directory,
      env: lab.variables(),
    },
  );
  const children = stdout.trim().split('\n').at(-1) ?? '';
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60_000 + Number(seconds) * 1000,
    0,
  );
}

/** Medians of interleaved runs, as ratios to a bare node. */
async function ratios(
  cases: Readonly<Record<string, readonly string[]>>,
  lab: Lab,
): Promise<Record<string, number>> {
  const all = { bare: ['-e', ''], ...cases };
  const times = new Map<string, number[]>(Object.keys(all).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, argv] of Object.entries(all)) times.get(name)?.push(await cpuOf(argv, lab));
  }
  const bare = median(times.get('bare'));
  return Object.fromEntries(Object.keys(cases).map((name) => [name, median(times.get(name)) / bare]));
}

function median(values: readonly number[] = []): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

test('lo --version costs at most 1.5 times a bare node, lo ps 2 times', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  idle: { run: sleep 1000 }\n');
  await lab.must(['up', '--detach']);
  const found = await ratios({ version: [LO, '--version'], ps: [LO, 'ps'] }, lab);
  t.diagnostic(`--version ${found.version?.toFixed(2)}, ps ${found.ps?.toFixed(2)} times a bare node`);
  assert.ok((found.version ?? 9) <= 1.5, `--version: ${found.version}`);
  assert.ok((found.ps ?? 9) <= 2, `ps: ${found.ps}`);
});
