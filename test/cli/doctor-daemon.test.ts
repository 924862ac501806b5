/** `lo doctor` beside a daemon: one that is well, one that crashed, one that hangs, and somebody else at its socket. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { socketWorkbench } from '../../src/client/socket-workbench.ts';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { doctor } from './doctor-rig.ts';

const SHOP = `
name: shop
services:
  db: { run: sleep 1000 }
  api: { run: sleep 1000 }
`;

test('with a daemon, after its crash, and when the checkout is gone', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', SHOP);
  await lab.must(['up', '--detach']);
  const before = await doctor(lab);
  const pid = await lab.daemonPid();
  assert.equal(before.daemon?.verdict, 'ok');
  assert.match(before.daemon?.text ?? '', new RegExp(`pid ${pid}; 1 environment, 2 services running`));
  assert.match(
    before.leases?.text ?? '',
    /^1 block held by 1 environment; daemons on this machine claim \d+ block/,
  );
  assert.match(before['open-files']?.text ?? '', /^the daemon and its services/);
  assert.equal(before.leftovers?.verdict, 'ok', before.leftovers?.text);
  // As the daemon itself sees it: for customers that have no process here.
  const asked = await socketWorkbench(join(lab.home, 'daemon.sock'), '').doctor();
  assert.deepEqual(
    asked.checks.map(({ id }) => id),
    Object.keys(before),
  );
  assert.match(asked.checks.find(({ id }) => id === 'daemon')?.text ?? '', new RegExp(`pid ${pid};`));
  assert.match(before.disk?.text ?? '', /logs there can be cut at their head/);

  process.kill(pid ?? 0, 'SIGKILL');
  await until(async () => (await lab.daemonPid()) === null);
  const crashed = await doctor(lab);
  assert.match(crashed.daemon?.text ?? '', /^none runs/);
  const { verdict, text, fix } = crashed.leftovers ?? {};
  assert.deepEqual([verdict, fix], ['warn', 'lo ls']);
  assert.match(text ?? '', /no daemon runs, but 2 services of shop \(pid \d+, \d+\)/);
  assert.match(text ?? '', /nobody serves .*daemon\.sock \(ECONNREFUSED\)/);

  // The fix is what mends it.
  await lab.must(['ls']);
  assert.equal((await doctor(lab)).leftovers?.verdict, 'ok');
  await lab.must(['down']);
  rmSync(join(lab.directory, 'loopyard.yaml'));
  const gone = (await doctor(lab)).leftovers;
  assert.deepEqual([gone?.verdict, gone?.fix], ['warn', 'lo clean']);
  await lab.must(['clean']);
  assert.equal((await doctor(lab)).leftovers?.text, 'none');
});

// Beside each other: both wait for an answer that does not come.
describe('nobody answers', { concurrency: true }, () => {
  test('a daemon that hangs is told with its pid, and the command ends', async (t) => {
    const lab = Lab.create(t);
    lab.write('loopyard.yaml', SHOP);
    await lab.must(['up', '--detach']);
    const pid = (await lab.daemonPid()) ?? 0;
    process.kill(pid, 'SIGSTOP');
    try {
      const checks = await doctor(lab);
      assert.equal(checks.daemon?.verdict, 'fail');
      assert.match(
        checks.daemon?.text ?? '',
        new RegExp(`daemon \\(pid ${pid}\\) did not answer within 3 s`),
      );
      assert.equal(checks.daemon?.fix, `kill -9 ${pid}`);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  test('somebody at the socket who says nothing', async (t) => {
    const lab = Lab.create(t);
    mkdirSync(lab.home, { mode: 0o700 });
    const open = new Set<Socket>();
    const server = createServer((socket) => open.add(socket));
    await new Promise<void>((resolve) => server.listen(join(lab.home, 'daemon.sock'), resolve));
    t.after(() => {
      for (const socket of open) socket.destroy();
      server.close();
    });
    const checks = await doctor(lab);
    assert.equal(checks.daemon?.verdict, 'fail');
    assert.match(checks.daemon?.text ?? '', /did not answer within 3 s, and is no daemon of this home/);
    assert.equal(checks.daemon?.fix, `rm ${join(lab.home, 'daemon.sock')}`);
    for (const socket of open) socket.destroy();
    server.close();
  });
});

test('the gateway is asked which doors it has, and our CA is looked for', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  web: { run: node server.mjs, port: { http: 3000 } }\n',
  );
  // Any free ports: those of this machine belong to others.
  const env = { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' };
  await lab.must(['up', '--detach'], 0, { env });
  const { gateway, trust } = await doctor(lab, { env });
  assert.match(gateway?.text ?? '', /^pid \d+, https on \d+, http on \d+/);
  assert.equal(trust?.verdict, 'warn');
  assert.match(trust?.text ?? '', /^the Loopyard CA is not trusted in: system bundle/);
  assert.ok(trust?.fix?.includes(join(lab.home, 'ca.pem')), trust?.fix ?? '');
});
