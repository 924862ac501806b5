/** Environments that are forgotten: gone at once for everybody, though their files take a while; also when the daemon dies meanwhile. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { removeDirectory, removeRest } from '../../src/daemon/removal.ts';
import { Lab } from '../support/lab.ts';
import { until } from '../support/until.ts';

function fill(directory: string, files: number): void {
  for (let index = 0; index < files; index += 1) {
    const part = join(directory, String(index % 40));
    if (index < 40) mkdirSync(part, { recursive: true });
    writeFileSync(join(part, String(index)), '');
  }
}

test('a directory leaves its place at once, and the event loop goes on while its files go', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'removal-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const path = join(root, 'shop-1');
  fill(path, 4000);
  let turns = 0;
  const timer = setInterval(() => {
    turns += 1;
  }, 1);
  const removed = removeDirectory(path);
  assert.ok(!existsSync(path));
  assert.equal(readdirSync(root).length, 1);
  mkdirSync(path);
  await removed;
  clearInterval(timer);
  assert.ok(turns > 3, String(turns));
  assert.deepEqual(readdirSync(root), ['shop-1']);
  await removeDirectory(join(root, 'none'));
  mkdirSync(join(root, '.gone-a', 'deep'), { recursive: true });
  await removeRest(root);
  await removeRest(join(root, 'none'));
  assert.deepEqual(readdirSync(root), ['shop-1']);
});

test('a daemon that is killed while it forgets leaves no half environment, and the next one ends the work', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  db: { run: sleep 1000 }\n');
  await lab.must(['up', '--detach']);
  await lab.must(['stop', 'db']);
  const environments = join(lab.home, 'environments');
  const [id = ''] = readdirSync(environments);
  fill(join(environments, id, 'data', 'db'), 20_000);
  const pid = (await lab.daemonPid()) ?? 0;
  const forgetting = lab.start(['down', '--forget', '--yes']);
  await until(() => readdirSync(environments).some((name) => name.startsWith('.gone-')));
  process.kill(pid, 'SIGKILL');
  await forgetting.finished;
  const { environments: known } = await lab.json<{ environments: readonly unknown[] }>(['ls']);
  assert.deepEqual(known, []);
  await until(() => readdirSync(environments).length === 0);
  await lab.must(['up', '--detach']);
  assert.deepEqual(readdirSync(environments), [id]);
});
