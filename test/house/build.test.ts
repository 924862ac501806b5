/** The build: nothing to do when nothing changed, and two at once end with one whole build. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { root } from '../support/paths.ts';

const run = promisify(execFile);

it('build: a second one finds nothing to do', async (t) => {
  const out = place(t);
  const first = await buildTo(out);
  const written = statSync(join(out, 'lo.js')).mtimeMs;
  const second = await buildTo(out);
  assert.match(first, / built \(/);
  assert.match(second, / is current \(/);
  assert.equal(statSync(join(out, 'lo.js')).mtimeMs, written);
});

it('build: several at once in one place leave one whole build and nothing beside it', async (t) => {
  const out = place(t);
  await Promise.all([buildTo(out), buildTo(out), buildTo(out)]);
  assert.deepEqual(readdirSync(join(out, '..')), ['dist']);
  const { build } = JSON.parse(readFileSync(join(out, 'build.json'), 'utf8')) as { readonly build: string };
  const kept = join(root, 'build/dist', build);
  assert.deepEqual(
    filesOf(out),
    filesOf(kept).filter((path) => path !== 'meta.json'),
  );
});

function place(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'build-'));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, 'dist');
}

async function buildTo(out: string): Promise<string> {
  const { stdout } = await run(process.execPath, [join(root, 'scripts/build.mjs'), '--out', out]);
  return stdout;
}

function filesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}
