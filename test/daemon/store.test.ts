/** State on disk: whole or not at all, and nothing that cannot be understood is wiped. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LoopyardError } from '../../src/core/errors.ts';
import { type StateFile, stateFile } from '../../src/daemon/store.ts';

interface Document {
  readonly schema: 1;
  readonly word: string;
}

interface Rig {
  readonly directory: string;
  readonly path: string;
  readonly file: StateFile<Document>;
  readonly reports: LoopyardError[];
}

function rig(t: TestContext): Rig {
  const directory = mkdtempSync(join(tmpdir(), 'loopyard-store-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'deep', 'state.json');
  const reports: LoopyardError[] = [];
  return { directory, path, reports, file: stateFile<Document>(path, 1, (error) => reports.push(error)) };
}

test('what is written is read; nothing is null; nobody else may read it; nothing is left beside it', (t) => {
  const { path, file, reports } = rig(t);
  assert.equal(file.read(), null);
  file.write({ schema: 1, word: 'ä' });
  file.write({ schema: 1, word: 'ö' });
  assert.deepEqual(file.read(), { schema: 1, word: 'ö' });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(path, '..')), ['state.json']);
  assert.deepEqual(reports, []);
});

for (const [what, text] of [
  ['torn', '{"schema":1,"wo'],
  ['empty', ''],
  ['a newer one', '{"schema":2,"word":"x"}'],
  ['no object', '7'],
  ['null', 'null'],
] as const) {
  test(`${what}: set aside with its text, reported, and then there is none`, (t) => {
    const { path, file, reports } = rig(t);
    mkdirSync(join(path, '..'));
    writeFileSync(path, text);
    assert.equal(file.read(), null);
    assert.equal(reports[0]?.code, 'STATE_UNREADABLE');
    assert.equal(readFileSync(String(reports[0]?.details.aside), 'utf8'), text);
    assert.equal(file.read(), null);
    assert.equal(reports.length, 1);
  });
}

test('what stands in the way of a write is said', (t) => {
  const { directory, file } = rig(t);
  writeFileSync(join(directory, 'deep'), 'a file');
  assert.throws(() => file.write({ schema: 1, word: 'x' }), { code: 'STATE_UNWRITABLE' });
});
