/** Which program a word means: PATH, `node_modules/.bin` upwards, places of packages; and whose directories count. */

import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { findProgram, findRecipeProgram, servicePath } from '../../src/daemon/programs.ts';

const STRANGER = 64_321;

function base(t: TestContext): string {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'loopyard-programs-')));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function program(...parts: readonly string[]): string {
  const file = join(...parts);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

test('node_modules/.bin from here upwards, nearest first, then PATH without empty entries', (t) => {
  const root = base(t);
  const near = program(root, 'app/api/node_modules/.bin/tool');
  const far = program(root, 'app/node_modules/.bin/tool');
  const path = servicePath(join(root, 'app/api/src'), '/bin::/usr/bin').split(':');
  mkdirSync(join(root, 'app/api/src'));
  assert.deepEqual(
    path.filter((entry) => entry.startsWith(root) || !entry.includes('node_modules')),
    [join(near, '..'), join(far, '..'), '/bin', '/usr/bin'],
  );
  assert.equal(findProgram('tool', path.join(':'), root), near);
});

test('a stranger’s node_modules above one’s own directory is passed over', {
  skip: process.getuid?.() !== 0,
}, (t) => {
  const root = base(t);
  mkdirSync(join(root, 'mine'));
  const planted = program(root, 'node_modules/.bin/sh');
  chownSync(join(root, 'node_modules/.bin'), STRANGER, STRANGER);
  const pathOf = (): readonly string[] => servicePath(join(root, 'mine'), '/bin').split(':');
  assert.ok(!pathOf().includes(join(planted, '..')));
  chownSync(join(root, 'node_modules/.bin'), 0, 0);
  chownSync(join(root, 'node_modules'), STRANGER, STRANGER);
  assert.ok(!pathOf().includes(join(planted, '..')));
  chownSync(join(root, 'mine'), STRANGER, STRANGER);
  assert.ok(pathOf().includes(join(planted, '..')), 'in the checkout of its owner it counts');
});

test('a name with a slash is a file from here; what is no executable file is none', (t) => {
  const root = base(t);
  const file = program(root, 'bin/run');
  writeFileSync(join(root, 'bin/text'), '');
  assert.equal(findProgram('./bin/run', '', root), file);
  assert.equal(findProgram(file, '', '/'), file);
  assert.equal(findProgram('run', 'bin', root), file);
  for (const name of ['./bin', './bin/text', './bin/none', 'none', 'constructor'])
    assert.equal(findProgram(name, join(root, 'bin'), root), null, name);
});

test('a recipe’s program is on PATH or in the highest version of its package', (t) => {
  const root = base(t);
  for (const version of ['9', '15', '14']) program(root, `lib/${version}/bin/db`);
  const wanted = { program: 'db', alsoIn: [join(root, 'none/*/bin'), join(root, 'lib/*/bin')], install: '' };
  assert.equal(findRecipeProgram(wanted, '/bin', root), join(root, 'lib/15/bin/db'));
  const onPath = program(root, 'bin/db');
  assert.equal(findRecipeProgram(wanted, join(root, 'bin'), root), onPath);
  assert.equal(findRecipeProgram({ ...wanted, alsoIn: [join(root, 'none')] }, '/bin', root), null);
});
