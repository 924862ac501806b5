/** Whose config is taken. Changing owners needs root; elsewhere the rule is tried on what every user can make. */

import assert from 'node:assert/strict';
import {
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findConfig } from '../../src/config/find-config.ts';
import { loadProject } from '../../src/config/load.ts';

const isRoot = process.getuid?.() === 0;
const STRANGER = 64_321;

/** `shared/loopyard.yaml` above `shared/mine/deep`. */
function shared(t: TestContext): { readonly config: string; readonly mine: string; readonly deep: string } {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'loopyard-find-')));
  t.after(() => rmSync(base, { recursive: true, force: true }));
  const mine = join(base, 'shared', 'mine');
  const deep = join(mine, 'deep');
  mkdirSync(deep, { recursive: true });
  const config = join(base, 'shared', 'loopyard.yaml');
  writeFileSync(config, 'name: shop\nservices: { a: { run: sleep 1 } }\n');
  return { config, mine, deep };
}

test('one’s own config is found from any depth', async (t) => {
  const { config, deep } = shared(t);
  assert.equal(await findConfig(deep), config);
});

test('a stranger’s config above one’s own directory is refused, unless it is named', {
  skip: !isRoot,
}, async (t) => {
  const { config, mine, deep } = shared(t);
  chownSync(config, STRANGER, STRANGER);
  for (const directory of [mine, deep, join(mine, '..')])
    await assert.rejects(findConfig(directory), { code: 'CONFIG_FOREIGN' }, directory);
  const project = await loadProject({ directory: deep, file: config, recipes: [] });
  assert.equal(project.file, config);
});

test('in the stranger’s own checkout it is the config that is meant', { skip: !isRoot }, async (t) => {
  const { config, mine, deep } = shared(t);
  for (const path of [config, mine, deep]) chownSync(path, STRANGER, STRANGER);
  assert.equal(await findConfig(deep), config);
});

test('a stranger’s link to one’s own config is the stranger’s choice', { skip: !isRoot }, async (t) => {
  const { config, mine } = shared(t);
  rmSync(config);
  writeFileSync(join(mine, 'other.yaml'), 'name: shop\nservices: { a: { run: sleep 1 } }\n');
  symlinkSync(join(mine, 'other.yaml'), config);
  lchownSync(config, STRANGER, STRANGER);
  await assert.rejects(findConfig(mine), { code: 'CONFIG_FOREIGN' });
});
