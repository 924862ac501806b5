/** One daemon for each home, whatever others on the machine do. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type HomePaths, homePaths } from '../../src/core/paths.ts';
import { lockHome } from '../../src/daemon/lock.ts';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';

function home(t: TestContext): HomePaths {
  const directory = mkdtempSync(join(tmpdir(), 'loopyard-lock-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  mkdirSync(join(directory, 'home'));
  return homePaths({ variables: { LOOPYARD_HOME: join(directory, 'home') }, homedir: '/' }, () => directory);
}

test('of many at once one gets it; the next when that one lets go', async (t) => {
  const where = home(t);
  const platform = linuxPlatform();
  const locks = await Promise.all(Array.from({ length: 20 }, () => lockHome(platform, where)));
  const held = locks.filter((lock) => lock !== null);
  assert.equal(held.length, 1);
  held[0]?.release();
  const next = await lockHome(platform, where);
  assert.ok(next);
  next.release();
});

test('two homes do not meet, and the name cannot be guessed from the home', async (t) => {
  const platform = linuxPlatform();
  const [one, other] = [await lockHome(platform, home(t)), await lockHome(platform, home(t))];
  assert.ok(one && other);
  assert.match(one.name, /^daemon-[0-9a-f]{32}$/);
  assert.notEqual(one.name, other.name);
  one.release();
  other.release();
});

test('the secret is for its owner alone, and nothing is left beside it', async (t) => {
  const where = home(t);
  (await lockHome(linuxPlatform(), where))?.release();
  assert.deepEqual(readdirSync(where.home), ['lock']);
  assert.equal(statSync(join(where.home, 'lock')).mode & 0o777, 0o600);
});
