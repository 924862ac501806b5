/** What survives when the daemon, the command or both are killed. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { COUNTER, ENDS_ON_FILE, HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';

test('services outlive a killed daemon, the next command adopts them, and no line is lost', async (t) => {
  const lab = Lab.create(t);
  lab.write('counter.mjs', COUNTER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  counter: { run: node counter.mjs, port: 7000 }\n');
  await lab.must(['up', '--detach']);
  const before = await lab.service('counter');
  for (let round = 0; round < 3; round += 1) {
    const pid = await lab.daemonPid();
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    const after = await lab.service('counter');
    assert.deepEqual([after.state, after.pid, after.run], ['ready', before.pid, before.run]);
    assert.notEqual(await lab.daemonPid(), pid);
  }
  await lab.must(['down']);
  const numbers = (await lab.must(['logs', 'counter', '--tail', 'all', '--json']))
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { text: string }).text)
    .filter((text) => text.startsWith('line '))
    .map((text) => Number(text.slice(5)));
  assert.ok(numbers.length > 100, `${numbers.length} lines`);
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => index),
  );
});

test('an exit code is known although nobody was there to see the end', async (t) => {
  const lab = Lab.create(t);
  lab.write('ends.mjs', ENDS_ON_FILE);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  job: { run: node ends.mjs 7, restart: never, ready: { log: waits } }\n',
  );
  await lab.must(['up', '--detach']);
  const { pid } = await lab.service('job');
  const daemon = await lab.daemonPid();
  assert.ok(pid && daemon);
  process.kill(daemon, 'SIGKILL');
  lab.write('end', '');
  await until(() => !existsSync(`/proc/${pid}`));
  const after = await lab.service('job');
  assert.deepEqual([after.state, after.exit?.code], ['failed', 7]);
});

test('a service that crashed while no daemon lived is restarted by the next one', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000, restart: always }\n',
  );
  await lab.must(['up', '--detach']);
  const before = await lab.service('api');
  process.kill((await lab.daemonPid()) ?? 0, 'SIGKILL');
  process.kill(before.pid ?? 0, 'SIGKILL');
  await until(() => !existsSync(`/proc/${before.pid}`));
  await lab.must(['up', '--detach']);
  const after = await lab.service('api');
  assert.equal(after.state, 'ready');
  assert.notEqual(after.pid, before.pid);
});

test('twenty commands at the same instant start one daemon, also over a stale socket', async (t) => {
  const lab = Lab.create(t);
  for (let round = 0; round < 2; round += 1) {
    const all = await Promise.all(Array.from({ length: 20 }, () => lab.lo(['ls', '--json'])));
    for (const result of all) assert.equal(result.code, 0, result.stderr);
    // Those that lost the lock may still be loading when the winner has answered all twenty; they must all go, and one must stay.
    await until(() => daemonsOf(lab).length === 1);
    const daemons = daemonsOf(lab);
    assert.equal(await lab.daemonPid(), daemons[0]);
    // Its socket stays behind: the next round meets a stale one.
    process.kill(daemons[0] ?? 0, 'SIGKILL');
    await until(() => !existsSync(`/proc/${daemons[0]}`));
    assert.ok(existsSync(join(lab.home, 'daemon.sock')));
  }
});

test('two `lo up` in one checkout make one environment with one of each service', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await Promise.all([
    lab.must(['up', '--detach']),
    lab.must(['up', '--detach']),
    lab.must(['up', '--detach']),
  ]);
  const list = await lab.json<{ environments: unknown[] }>(['ls']);
  assert.equal(list.environments.length, 1);
  const servers = lab
    .processes()
    .filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1').endsWith('server.mjs\0'));
  // The waiter and the program carry the same words; the program is the one that is node.
  const programs = servers.filter((pid) => readFileSync(`/proc/${pid}/comm`, 'latin1').startsWith('node'));
  assert.equal(programs.length, 1);
});

test('the socket comes back when somebody deletes it', async (t) => {
  const lab = Lab.create(t);
  await lab.must(['ls']);
  const pid = await lab.daemonPid();
  rmSync(join(lab.home, 'daemon.sock'));
  await until(() => existsSync(join(lab.home, 'daemon.sock')));
  assert.equal(await lab.daemonPid(), pid);
});

test('a foreground up stops its environment when it is killed, with the daemon or without', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  for (const withDaemon of [false, true]) {
    const up = lab.start(['up']);
    await up.says(/api.*ready/);
    const { pid } = await lab.service('api');
    if (withDaemon) process.kill((await lab.daemonPid()) ?? 0, 'SIGKILL');
    up.signal('SIGKILL');
    await up.finished;
    // With the daemon dead too, it is the next command's daemon that finds the owner gone.
    if (withDaemon) await lab.must(['ls']);
    await until(() => !existsSync(`/proc/${pid}`));
  }
});

test('--detach outlives its terminal', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  assert.equal((await lab.service('api')).state, 'ready');
});

test('a torn state file is set aside and said, never wiped', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  const status: EnvironmentStatus = await lab.ps();
  await lab.must(['down']);
  await lab.must(['daemon', 'stop']);
  const file = join(lab.home, 'environments', status.environment.id, 'environment.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.slice(0, text.length / 2));
  await lab.must(['up', '--detach']);
  assert.match(readFileSync(join(lab.home, 'daemon.log'), 'utf8'), /STATE_UNREADABLE.*set aside/);
  assert.equal((await lab.service('api')).state, 'ready');
});

function daemonsOf(lab: Lab): readonly number[] {
  return lab.processes().filter((pid) => commandLine(pid).includes('daemon.js'));
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    // It ended while we looked.
    return '';
  }
}

test('a run that was gone while the state still says that it goes: what was wanted after it follows', async (t) => {
  const lab = Lab.create(t);
  lab.write('counter.mjs', COUNTER);
  const services = ['again', 'down', 'late'].map(
    (name, index) => `  ${name}: { run: node counter.mjs, port: ${7000 + index} }`,
  );
  lab.write('loopyard.yaml', `name: shop\nservices:\n${services.join('\n')}\n`);
  await lab.must(['up', '--detach']);
  await lab.must(['down']);
  const [id = ''] = readdirSync(join(lab.home, 'environments'));
  await lab.must(['daemon', 'stop']);
  // As a daemon leaves it that is killed between the end of a run and the next write of its state.
  const file = join(lab.home, 'environments', id, 'environment.json');
  const state = JSON.parse(readFileSync(file, 'utf8')) as {
    services: Record<string, { life: { life: object; wanted: string } }>;
  };
  const set = (name: string, wanted: string, life: object): void => {
    const known = state.services[name]?.life;
    assert.ok(known);
    Object.assign(known, { wanted, life });
  };
  set('again', 'again', { state: 'stopping', run: 1, ended: null });
  set('down', 'down', { state: 'stopping', run: 1, ended: null });
  set('late', 'again', { state: 'ready', run: 1 });
  writeFileSync(file, JSON.stringify(state));
  const states = async () => (await lab.ps()).services.map((service) => `${service.name} ${service.state}`);
  await until(async () => (await states()).join() === 'again ready,down stopped,late ready');
});
