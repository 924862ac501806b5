/** What `lo reset` removes, and what it never does. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { tooMuch, wipeChosen, wipeOwn } from '../../src/daemon/wipe.ts';

/** `project/` holds `data/` and `keep`; `home/` stands beside it. */
function tree(t: TestContext): string {
  const root = mkdtempSync(join(tmpdir(), 'loopyard-wipe-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const directory of ['project/data/deep', 'home'])
    mkdirSync(join(root, directory), { recursive: true });
  for (const file of ['project/keep', 'project/data/one', 'project/data/deep/two', 'home/keep'])
    writeFileSync(join(root, file), file);
  return root;
}

function chosen(root: string, path: string): Parameters<typeof wipeChosen>[0] {
  return { service: 'db', path, precious: [join(root, 'project'), join(root, 'home')] };
}

const refused = { code: 'RESET_REFUSED' };

test('a chosen directory is emptied and stays', async (t) => {
  const root = tree(t);
  await wipeChosen(chosen(root, join(root, 'project/data')));
  assert.deepEqual(readdirSync(join(root, 'project/data')), []);
  assert.ok(existsSync(join(root, 'project/keep')));
});

test('the project, what is around it and the home are refused, and untouched', async (t) => {
  const root = tree(t);
  for (const path of [join(root, 'project'), root, join(root, 'home'), `${root}/project/data/..`])
    await assert.rejects(wipeChosen(chosen(root, path)), refused, path);
  assert.ok(existsSync(join(root, 'project/data/deep/two')) && existsSync(join(root, 'home/keep')));
});

// Asked, not done: a test that fails must not empty the machine that it runs on.
test('so are the root directory and those right below it', () => {
  for (const path of ['/', '/etc', '/usr', '/home'])
    assert.equal(tooMuch(path, []), 'is a directory of the whole machine', path);
  assert.equal(tooMuch('/var/lib', []), null);
});

test('a link is judged by where it leads, and links inside are removed without what they lead to', async (t) => {
  const root = tree(t);
  symlinkSync(join(root, 'project'), join(root, 'innocent'));
  await assert.rejects(wipeChosen(chosen(root, join(root, 'innocent'))), refused);
  symlinkSync(join(root, 'home'), join(root, 'project/data/link'));
  await wipeChosen(chosen(root, join(root, 'project/data')));
  assert.deepEqual(readdirSync(join(root, 'project/data')), []);
  assert.deepEqual(readdirSync(join(root, 'home')), ['keep']);
});

test('a name that only begins like a precious one is no holder of it', async (t) => {
  const root = tree(t);
  mkdirSync(join(root, 'proj'));
  writeFileSync(join(root, 'proj/file'), '');
  await wipeChosen(chosen(root, join(root, 'proj')));
  assert.deepEqual(readdirSync(join(root, 'proj')), []);
});

test('what was never made is nothing to remove', async (t) => {
  const root = tree(t);
  await wipeChosen(chosen(root, join(root, 'project/none')));
  await wipeOwn(join(root, 'none'));
});

test('our own directory goes whole; a link in its place goes alone', async (t) => {
  const root = tree(t);
  await wipeOwn(join(root, 'project/data'));
  assert.ok(!existsSync(join(root, 'project/data')));
  symlinkSync(join(root, 'home'), join(root, 'project/data'));
  await wipeOwn(join(root, 'project/data'));
  assert.ok(!existsSync(join(root, 'project/data')) && existsSync(join(root, 'home/keep')));
});
