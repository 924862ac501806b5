/** The daemon's own log does not grow for ever. */

import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { capOwnLog } from '../../src/daemon/own-log.ts';
import { Lab } from '../support/lab.ts';

test('a log that is too large begins anew, and the old one is kept once', async (t) => {
  const lab = Lab.create(t);
  const log = join(lab.home, 'daemon.log');
  mkdirSync(lab.home, { mode: 0o700 });
  const line = `${'x'.repeat(99)}\n`;
  writeFileSync(log, `${line.repeat(50_001)}last\n`, { mode: 0o600 });
  writeFileSync(`${log}.1`, 'older');
  // Something to speak of for the daemon that starts: its descriptor must append to the new beginning.
  mkdirSync(join(lab.home, 'environments', 'torn'), { recursive: true, mode: 0o700 });
  writeFileSync(join(lab.home, 'environments', 'torn', 'environment.json'), '{');
  await lab.must(['ls']);
  assert.match(readFileSync(log, 'utf8'), /^\d{4}-\S+ STATE_UNREADABLE: .*environment\.json.*\n$/);
  const old = readFileSync(`${log}.1`, 'utf8');
  assert.ok(old.endsWith('last\n') && old.length === 5_000_105);
  assert.equal(statSync(`${log}.1`).mode & 0o777, 0o600);
});

const refuse = (error: unknown) => assert.fail(String(error));

test('a log of usual size, and none at all, stay as they are', (t) => {
  const lab = Lab.create(t);
  const log = join(lab.directory, 'daemon.log');
  capOwnLog(log, refuse, 10);
  assert.ok(!existsSync(log));
  writeFileSync(log, '0123456789');
  capOwnLog(log, refuse, 10);
  assert.equal(readFileSync(log, 'utf8'), '0123456789');
  appendFileSync(log, 'x');
  capOwnLog(log, refuse, 10);
  assert.equal(readFileSync(log, 'utf8'), '');
  assert.equal(readFileSync(`${log}.1`, 'utf8'), '0123456789x');

  // Where the old one cannot be put, the log stays as it is.
  rmSync(`${log}.1`);
  mkdirSync(`${log}.1`);
  writeFileSync(log, '0123456789x');
  const heard: unknown[] = [];
  capOwnLog(log, (error) => heard.push(error), 10);
  assert.equal(heard.length, 1);
  assert.equal(readFileSync(log, 'utf8'), '0123456789x');
});
