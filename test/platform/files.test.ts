/** Files of the state directory: whole or not at all, and private. */

import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makePrivateDirectory, setAside, writeAtomic } from '../../src/platform/files.ts';

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'files-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('a file is replaced as a whole, is private, and leaves nothing beside it', (t) => {
  const directory = temporary(t);
  const path = join(directory, 'deep', 'state.json');
  writeAtomic(path, 'one');
  const before = statSync(path).ino;
  writeAtomic(path, 'two ä');
  assert.equal(readFileSync(path, 'utf8'), 'two ä');
  assert.notEqual(statSync(path).ino, before, 'whoever reads the old file goes on reading it whole');
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(directory, 'deep')), ['state.json']);
});

test('what cannot be written is STATE_UNWRITABLE, and the old file stays', (t) => {
  const directory = temporary(t);
  const path = join(directory, 'state.json');
  mkdirSync(path);
  assert.throws(() => writeAtomic(path, 'text'), { code: 'STATE_UNWRITABLE' });
  assert.deepEqual(readdirSync(directory), ['state.json']);
  writeFileSync(join(directory, 'file'), '');
  assert.throws(() => writeAtomic(join(directory, 'file', 'below'), 'text'), { code: 'STATE_UNWRITABLE' });
});

test('a file set aside keeps its text', (t) => {
  const path = join(temporary(t), 'state.json');
  writeFileSync(path, '{"torn');
  const aside = setAside(path);
  assert.equal(readFileSync(aside, 'utf8'), '{"torn');
  assert.throws(() => statSync(path), { code: 'ENOENT' });
});

test('a private directory is made so, and made so again', (t) => {
  const path = join(temporary(t), 'home');
  makePrivateDirectory(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
  rmSync(path, { recursive: true });
  mkdirSync(path, { mode: 0o755 });
  makePrivateDirectory(path);
  assert.equal(statSync(path).mode & 0o777, 0o700);
});

test('a link that leads nowhere is no directory', (t) => {
  const path = join(temporary(t), 'home');
  symlinkSync('/nowhere/at/all', path);
  assert.throws(() => makePrivateDirectory(path), { code: 'STATE_UNWRITABLE' });
});
