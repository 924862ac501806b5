/** Dotenv files: what people write in them, and files that cannot be read. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readEnvFile } from '../../src/config/dotenv.ts';
import type { LoopyardError } from '../../src/core/errors.ts';

function place(t: TestContext): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'dotenv-')));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function read(t: TestContext, text: string | Uint8Array): Readonly<Record<string, string>> {
  const file = join(place(t), '.env');
  writeFileSync(file, text);
  return readEnvFile('web', file);
}

const CASES: readonly (readonly [name: string, text: string, expected: Readonly<Record<string, string>>])[] =
  [
    [
      'plain lines and comments',
      '# a comment\nA=1\n\n  B = two words \nC=x # why\n',
      { A: '1', B: 'two words', C: 'x' },
    ],
    ['quotes', `A="a # b"\nB='c "d"'\nC=\`e\`\nD=""\n`, { A: 'a # b', B: 'c "d"', C: 'e', D: '' }],
    ['empty values', 'A=\nB=\nC=3\n', { A: '', B: '', C: '3' }],
    ['export', 'export A=1\n', { A: '1' }],
    ['equals signs in values', 'URL=postgres://u:p@h/db?a=b&c=d\n', { URL: 'postgres://u:p@h/db?a=b&c=d' }],
    ['several lines in quotes', 'KEY="one\ntwo"\nB=1\n', { KEY: 'one\ntwo', B: '1' }],
    ['line breaks of Windows', 'A=1\r\nB=2\r\n', { A: '1', B: '2' }],
    ['a byte order mark', '\ufeffA=1\n', { A: '1' }],
    ['no line break at the end', 'A=1', { A: '1' }],
    ['other letters', 'GRÜSSE=ß日本\nA=1\n', { GRÜSSE: 'ß日本', A: '1' }],
    ['references stay as they are', 'A=${HOME}/x\nB=$A\n', { A: '${HOME}/x', B: '$A' }],
    ['the last of two counts', 'A=1\nA=2\n', { A: '2' }],
    ['nothing', '', {}],
  ];

for (const [name, text, expected] of CASES) {
  test(name, (t) => assert.deepEqual({ ...read(t, text) }, expected));
}

function failure(file: string): string {
  try {
    readEnvFile('web', file);
  } catch (thrown) {
    const error = thrown as LoopyardError;
    assert.equal(error.code, 'ENV_FILE_UNREADABLE');
    assert.match(error.message, /^service web: /);
    return error.message;
  }
  return assert.fail('it was read');
}

test('files that cannot be read, each with its reason', (t) => {
  const root = place(t);
  assert.match(failure(join(root, '.env')), /does not exist/);
  assert.match(failure(root), /is a directory/);
  writeFileSync(join(root, 'huge'), 'A=1\n'.repeat(500_000));
  assert.match(failure(join(root, 'huge')), /2\.0 MB/);
  assert.match(failure('/dev/zero'), /not a regular file/);
  assert.match(failure(join(root, 'huge', 'x')), /not a directory/);
});

test('a file without permission', (t) => {
  const root = place(t);
  const file = join(root, '.env');
  writeFileSync(file, 'A=1');
  chmodSync(file, 0);
  chmodSync(root, 0o755);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(65534);
  try {
    assert.match(failure(file), /permission denied/);
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
});
