/** The test runner's own promises: skips are named with their reasons, what hangs is stopped and named, what is left is found. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { root } from '../support/paths.ts';
import { loadScript } from './scripts.ts';

interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: readonly { readonly name: string; readonly reason: string }[];
  readonly unfinished: readonly { readonly name: string }[];
}

interface WatchScript {
  watchFiles(folder: string, limitMs: number): { stop(): readonly string[] };
  sweepProcesses(name: string, value: string): readonly { readonly pid: number; readonly command: string }[];
}

const { watchFiles, sweepProcesses } = await loadScript<WatchScript>('test-watch.mjs');

it('runner: skipped tests are counted and named with their reasons', async (t) => {
  const folder = folderWith(t, {
    'a.test.mjs': `import { it } from 'node:test';
      it('passes', () => {});
      it('fails', () => { throw new Error('on purpose'); });
      it('needs docker', { skip: 'no docker here' }, () => {});
      it('decides late', (t) => t.skip('not on this kernel'));
      it.todo('is to be written');`,
  });
  const { code, summary } = await runTests(folder);
  assert.equal(code, 1);
  assert.equal(summary.passed, 1);
  assert.equal(summary.failed, 1);
  assert.deepEqual(
    summary.skipped.map(({ name, reason }) => `${name}: ${reason}`),
    ['needs docker: no docker here', 'decides late: not on this kernel', 'is to be written: to do'],
  );
});

it('runner: a file that never ends is stopped, and the test that hung is named', async (t) => {
  const folder = folderWith(t, {
    'a.test.mjs': `import { it } from 'node:test';
      it('passes', () => {});
      it('hangs', () => new Promise((done) => setInterval(done, 2 ** 30)));`,
  });
  const watch = watchFiles(folder, 1000);
  const { code, summary } = await runTests(folder).finally(() => watch.stop());
  assert.equal(code, 1);
  assert.deepEqual(watch.stop(), [join(folder, 'a.test.mjs')]);
  assert.ok(summary.unfinished.some(({ name }) => name === 'hangs'));
});

it('runner: a busy loop is stopped too', async (t) => {
  const folder = folderWith(t, {
    'a.test.mjs': "import { it } from 'node:test';\nit('loops', () => { for (;;); });",
  });
  const watch = watchFiles(folder, 1000);
  const { code } = await runTests(folder).finally(() => watch.stop());
  assert.equal(code, 1);
});

it('runner: a process that was left behind is found by its mark and ended', async () => {
  const mark = `runner-test-${process.pid}`;
  const child = spawn('sleep', ['1000'], { env: { ...process.env, LEFT_BY: mark }, stdio: 'ignore' });
  const ended = once(child, 'exit');
  await once(child, 'spawn');
  assert.deepEqual(sweepProcesses('LEFT_BY', mark), [{ pid: child.pid, command: 'sleep 1000' }]);
  assert.deepEqual(await ended, [null, 'SIGKILL']);
});

function folderWith(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'runner-'));
  t.after(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'running'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** As scripts/test.mjs starts node, on the files of `folder`. */
async function runTests(folder: string): Promise<{ readonly code: unknown; readonly summary: Summary }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const summary = join(folder, 'summary.json');
  const child = spawn(
    process.execPath,
    [
      `--import=${join(root, 'scripts/lib/test-process.mjs')}`,
      '--test',
      `--test-reporter=${join(root, 'scripts/lib/summary-reporter.mjs')}`,
      `--test-reporter-destination=${summary}`,
      join(folder, 'a.test.mjs'),
    ],
    { env: { ...env, TEST_RUN_FOLDER: folder }, stdio: 'inherit' },
  );
  const [code] = await once(child, 'exit');
  return { code, summary: JSON.parse(readFileSync(summary, 'utf8')) as Summary };
}
