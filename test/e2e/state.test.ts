/**
 * A state directory that is full or read-only, in a mount namespace of the test's own: services go on, what ended is known, and
 * what cannot be done is said.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Lab, type LoOptions } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';

const CONFIG = 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000, restart: never }\n';

test('a full disk: services live, exits are known, a start says why it cannot, and space brings everything back', async (t) => {
  const lab = Lab.create(t);
  const space = await ownMount(t, lab);
  if (space === null) return;
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', CONFIG);
  await lab.must(['up', '--detach'], 0, space.options);
  const { pid } = await lab.service('api', space.options);
  await space.run(`head -c 100000000 /dev/zero >"${lab.home}/filler" || true`);

  assert.equal((await lab.service('api', space.options)).state, 'ready');
  process.kill(pid ?? 0, 'SIGKILL');
  await until(async () => (await lab.service('api', space.options)).state === 'failed');
  assert.equal((await lab.service('api', space.options)).exit?.signal, 'SIGKILL');
  const start = await lab.lo(['start', 'api'], space.options);
  if (start.code !== 0) assert.match(start.stderr, /hint:/);
  // A new daemon reads what there is and says what it cannot write.
  process.kill((await lab.daemonPid(space.options)) ?? 0, 'SIGKILL');
  assert.equal((await lab.lo(['ps'], space.options)).code, 0);

  await space.run(`rm "${lab.home}/filler"`);
  await lab.must(['up', '--detach'], 0, space.options);
  assert.equal((await lab.service('api', space.options)).state, 'ready');
  await lab.must(['daemon', 'stop', '--all'], 0, space.options);
});

test('a read-only state directory is a clear error', async (t) => {
  const lab = Lab.create(t);
  const space = await ownMount(t, lab);
  if (space === null) return;
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', CONFIG);
  await space.run(`mount -o remount,ro "${lab.home}"`);
  const result = await lab.lo(['up', '--detach'], space.options);
  assert.equal(result.code, 3, result.stderr);
  assert.match(result.stderr, /STATE_UNWRITABLE|DAEMON_START_FAILED/);
  assert.match(result.stderr, /read-only|EROFS/i);
  assert.match(result.stderr, /LOOPYARD_HOME/);
});

interface OwnMount {
  readonly options: LoOptions;
  run(script: string): Promise<void>;
}

/** A small tmpfs over the lab's home that only this test sees. null, with a skip, where that is not allowed. */
async function ownMount(t: TestContext, lab: Lab): Promise<OwnMount | null> {
  mkdirSync(lab.home, { mode: 0o700 });
  const script = `mount -t tmpfs -o size=4m,mode=700 tmpfs "$1" && echo mounted && exec cat`;
  const holder = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', lab.home], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  t.after(() => holder.kill('SIGKILL'));
  const mounted = await Promise.race([
    once(holder.stdout, 'data').then(() => true),
    once(holder, 'close').then(() => false),
  ]);
  if (!mounted) {
    t.skip('a mount namespace needs root: run the tests as root to cover a full disk');
    return null;
  }
  const through = ['nsenter', '-t', String(holder.pid), '-m', `--wd=${lab.directory}`];
  return {
    options: { through },
    async run(text) {
      const [program = '', ...args] = [...through, 'sh', '-c', text];
      const child = spawn(program, args, { stdio: 'ignore' });
      const [code] = await once(child, 'exit');
      assert.equal(code, 0, text);
    },
  };
}
