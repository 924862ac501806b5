/** Other homes with the same checkout, and commands that cross each other: nobody loses processes or data to somebody else. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';

const SLEEPER = 'name: shop\nservices:\n  api: { run: sleep 1000 }\n';
/** Says that it runs, and takes until a file appears to end. */
const STUBBORN = `
import { existsSync, mkdirSync, watch, writeFileSync } from 'node:fs';
mkdirSync(process.env.DATA_DIR, { recursive: true });
writeFileSync(process.env.DATA_DIR + '/precious', '');
setInterval(() => {}, 1000);
process.on('SIGTERM', () => {
  const look = () => existsSync('let-go') && process.exit(0);
  watch('.', look);
  writeFileSync('asked', '');
  look();
});
console.log('up');
`;
const STUBBORN_CONFIG =
  'name: shop\nservices:\n  db: { run: node db.mjs, ready: { log: up }, stop: { grace: 60s } }\n';

test('two homes run one checkout: each ends its own processes alone', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', SLEEPER);
  const other = { env: { LOOPYARD_HOME: join(lab.directory, '../other-home') } };
  await lab.must(['up', '--detach']);
  await lab.must(['up', '--detach'], 0, other);
  const before = await lab.service('api', other);
  assert.notEqual((await lab.ps()).environment.id, (await lab.ps(other)).environment.id);
  await lab.must(['down']);
  const after = await lab.service('api', other);
  assert.deepEqual([after.state, after.pid, after.restarts], ['running', before.pid, 0]);
  await lab.must(['daemon', 'stop', '--all'], 0, other);
});

test('a desktop session, cron and ssh find one daemon, though XDG_RUNTIME_DIR differs', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', SLEEPER);
  const me = join(lab.directory, '../me');
  const session = (runtime: string): { readonly env: Record<string, string> } => {
    mkdirSync(join(me, runtime), { recursive: true });
    return {
      env: { LOOPYARD_HOME: '', XDG_STATE_HOME: '', HOME: me, XDG_RUNTIME_DIR: runtime && join(me, runtime) },
    };
  };
  await lab.must(['up', '--detach'], 0, session('desktop'));
  const before = await lab.daemonPid(session('desktop'));
  for (const other of ['', 'ssh']) {
    assert.equal((await lab.service('api', session(other))).state, 'running');
    assert.equal(await lab.daemonPid(session(other)), before);
  }
  await lab.must(['daemon', 'stop', '--all'], 0, session(''));
});

for (const [what, words] of [
  ['down --forget', ['down', '--forget', '--yes']],
  ['reset', ['reset', 'db', '--yes']],
] as const) {
  test(`${what}: whoever starts the service meanwhile keeps its data, now and later`, async (t) => {
    const lab = Lab.create(t);
    lab.write('db.mjs', STUBBORN);
    lab.write('loopyard.yaml', STUBBORN_CONFIG);
    await lab.must(['up', '--detach']);
    const removing = lab.start(words);
    while (!existsSync(join(lab.directory, 'asked'))) await state(lab, 'stopping');
    const starting = lab.start(['up', '--detach']);
    const refused = await removing.finished;
    assert.equal(refused.code, 3, refused.stdout + refused.stderr);
    assert.match(refused.stderr, /ENVIRONMENT_BUSY/);
    lab.write('let-go', '');
    assert.equal((await starting.finished).code, 0);
    await lab.must(['down']);
    const { environment } = await lab.ps();
    assert.deepEqual(readdirSync(join(lab.home, 'environments', environment.id, 'data/db')), ['precious']);
  });
}

/** One look; the loop around it ends with the event. */
async function state(lab: Lab, awaited: string): Promise<EnvironmentStatus> {
  const status = await lab.ps();
  assert.ok(['ready', awaited].includes(status.services[0]?.state ?? ''));
  return status;
}

test('--forget takes no services: the others would be left without an environment', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', `${SLEEPER}  web: { run: sleep 1000 }\n`);
  await lab.must(['up', '--detach']);
  const refused = await lab.lo(['down', 'api', '--forget', '--yes']);
  assert.equal(refused.code, 2, refused.stderr);
  assert.deepEqual(
    (await lab.ps()).services.map((service) => service.state),
    ['running', 'running'],
  );
});

test('reset of a `data:` that holds the project is refused and removes nothing', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  db: { run: sleep 1000, data: . }\n');
  await lab.must(['up', '--detach']);
  const refused = await lab.lo(['reset', 'db', '--yes']);
  assert.equal(refused.code, 2, refused.stderr);
  assert.match(refused.stderr, /RESET_REFUSED/);
  assert.ok(existsSync(join(lab.directory, 'loopyard.yaml')));
});
