/** Names in a directory of run records: those that are none must not be taken for some. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { RunRecords } from '../../src/supervisor/records.ts';

test('a name without its number is no record', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'loopyard-records-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  for (const name of ['a-1.pid', 'a-1.waiter', 'a-1.exit', 'a-1.pid.', 'a-1.pid.x', 'a.pid.1', 'a-1.claim.7'])
    writeFileSync(join(directory, name), '');
  const records = new RunRecords(directory);
  records.scan();
  assert.deepEqual([...records.ids()], []);
  for (const name of ['a-1.claim', 'a-1.waiter.11', 'a-1.pid.12.13', 'a-1.exit.3'])
    writeFileSync(join(directory, name), '');
  records.scan();
  const { claimed, waiter, pid, started, exit } = records.get('a-1');
  assert.deepEqual([claimed, waiter, pid, started, exit?.code], [true, 11, 12, 13, 3]);
});
