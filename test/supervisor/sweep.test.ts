/** After a program ended by itself: kept when it went into the background and serves there, else everything of it is ended. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { RunNews } from '../../src/supervisor/supervisor.ts';
import { ensureProgram } from '../support/debian.ts';
import { RunLab } from '../support/run-lab.ts';
import { until } from '../support/until.ts';

const STOP = { signal: 'SIGTERM', graceMs: 5000 } as const;

async function nginx(t: TestContext, lab: RunLab, address: string, port: number): Promise<string[] | null> {
  const program = await ensureProgram(t, { program: 'nginx', package: 'nginx-light' });
  if (program === null) return null;
  const own = (name: string): string => join(lab.root, name);
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${own(kind)};`,
  );
  writeFileSync(
    own('nginx.conf'),
    `pid ${own('nginx.pid')}; error_log ${own('nginx.log')}; worker_processes 2; events {}
     http { access_log off; ${paths.join(' ')} server { listen ${address}:${port}; } }`,
  );
  return [program, '-e', own('nginx.log'), '-c', own('nginx.conf')];
}

async function redis(t: TestContext, lab: RunLab, address: string, port: number): Promise<string[] | null> {
  const program = await ensureProgram(t, { program: 'redis-server', package: 'redis-server' });
  if (program === null) return null;
  const options = ['--daemonize', 'yes', '--save', '', '--dir', lab.root, '--logfile', '/dev/null'];
  return [program, '--bind', address, '--port', String(port), '--protected-mode', 'no', ...options];
}

/** A port of 127.0.0.1 that is free at this moment. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const found = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof found === 'object' && found !== null ? found.port : 0;
}

function answers(address: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    const end = (answer: boolean) => () => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true));
    socket.once('error', end(false));
  });
}

for (const [name, program] of [
  ['nginx', nginx],
  ['redis', redis],
] as const) {
  for (const place of ['an address of its own', 'a leased port of 127.0.0.1'] as const) {
    test(`${name} goes into the background at ${place}: it is kept, found again, watched and ended`, async (t) => {
      const lab = await RunLab.create(t);
      const own = place === 'an address of its own';
      const address = own ? await lab.address() : '127.0.0.1';
      const port = own ? 8080 : await freePort();
      const argv = await program(t, lab, address, port);
      if (argv === null) return;
      const started = await lab.start('back-1', argv, { addresses: own ? [address] : [] });
      assert.equal((await lab.exit('back-1')).code, 0);
      const run = lab.ref('back-1');
      const swept = await lab.supervisor.sweep(run, { main: { address, port } });
      assert.equal(swept.kind, 'daemonized');
      const pid = swept.kind === 'daemonized' ? swept.pid : 0;
      assert.notEqual(pid, started);
      const master = lab.platform.process(pid);
      assert.equal(master?.session, pid, 'the master, not one of its workers');
      assert.ok(await answers(address, port));

      const other = lab.anotherSupervisor();
      assert.deepEqual(await other.find(run), { kind: 'alive', pid });
      const heard: RunNews[] = [];
      const watching = other.watch(lab.directory, (news) => heard.push(news));
      assert.deepEqual(heard, [{ kind: 'pid', id: 'back-1', pid }]);
      await other.end(run, STOP, false);
      watching[Symbol.dispose]();
      assert.ok(!lab.isAlive(pid));
      await until(async () => !(await answers(address, port)));
      assert.deepEqual(await other.find(run), { kind: 'lost' });
    });
  }
}

test('a program in the background that ends is told as lost', async (t) => {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  const argv = await redis(t, lab, address, 6379);
  if (argv === null) return;
  await lab.start('back-1', argv, { addresses: [address] });
  await lab.exit('back-1');
  const swept = await lab.supervisor.sweep(lab.ref('back-1'), { main: { address, port: 6379 } });
  assert.equal(swept.kind, 'daemonized');
  if (swept.kind === 'daemonized') lab.platform.signal(swept.pid, 'SIGKILL');
  const isLost = (news: RunNews): news is Extract<RunNews, { kind: 'lost' }> => news.kind === 'lost';
  assert.equal((await lab.heard(isLost)).id, 'back-1');
});

test('what serves nothing is ended, though it left session, family and terminal', async (t) => {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  const actor = await lab.perform('web-1', { addresses: [address] });
  await actor.listen(address, 8080);
  const child = await lab.stage.fork(actor, { role: 'child' });
  const orphan = await lab.stage.fork(actor, { role: 'orphan', session: true, orphan: true });
  await actor.does('exit', { code: 0 });
  assert.equal((await lab.exit('web-1')).code, 0);
  const swept = await lab.supervisor.sweep(lab.ref('web-1'), { main: { address, port: 8080 } });
  assert.deepEqual(swept, { kind: 'swept' });
  assert.deepEqual([lab.isAlive(child.pid), lab.isAlive(orphan.pid)], [false, false]);
});

test('a child that serves on after its parent ended is kept as the run', async (t) => {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  const actor = await lab.perform('web-1', { addresses: [address] });
  const orphan = await lab.stage.fork(actor, { role: 'orphan', session: true, orphan: true });
  await actor.does('exit', { code: 0 });
  await lab.exit('web-1');
  const sweeping = lab.supervisor.sweep(lab.ref('web-1'), { main: { address, port: 8080 } });
  await orphan.listen(address, 8080);
  assert.deepEqual(await sweeping, { kind: 'daemonized', pid: orphan.pid });
});

test('where a worker is found to serve, its master is kept as the run', async (t) => {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  const actor = await lab.perform('web-1', { addresses: [address] });
  const master = await lab.stage.fork(actor, { role: 'master', session: true, orphan: true });
  const worker = await lab.stage.fork(master, { role: 'worker' });
  await worker.listen(address, 8080);
  await actor.does('exit', { code: 0 });
  await lab.exit('web-1');
  const swept = await lab.supervisor.sweep(lab.ref('web-1'), { main: { address, port: 8080 } });
  assert.deepEqual(swept, { kind: 'daemonized', pid: master.pid });
});

test('when nothing is left, the sweep is over at once', async (t) => {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  await lab.start('task-1', ['/bin/true'], { addresses: [address] });
  await lab.exit('task-1');
  const from = performance.now();
  const swept = await lab.supervisor.sweep(lab.ref('task-1'), { main: { address, port: 8080 } });
  assert.deepEqual(swept, { kind: 'swept' });
  t.diagnostic(`swept after ${(performance.now() - from).toFixed(0)} ms`);
});
