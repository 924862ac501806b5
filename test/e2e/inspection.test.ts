/** The inspector through the command: with a daemon and without one, in its namespaces and in others. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import type { ListenerDocument, PortsReport } from '../../src/core/inspection.ts';
import { Lab } from '../support/lab.ts';

const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);
`;

test('a listener of a service is named as such, by the daemon', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  const api = await lab.service('api');
  const listener = await find(lab, api.endpoints[0]?.address ?? '', 3000);
  assert.deepEqual(
    listener.owners.map(({ pid }) => pid),
    [api.pid],
  );
  assert.equal(listener.scope, 'loopback');
  assert.equal(listener.service?.name, 'api');
  assert.equal(listener.service?.endpoint, 'http');
  assert.equal(listener.service?.project, 'shop');
  assert.equal(listener.service?.environment.path, lab.directory);
});

test('without a daemon the same listener is seen, and nothing is started', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  const api = await lab.service('api');
  await lab.must(['daemon', 'stop']);
  const listener = await find(lab, api.endpoints[0]?.address ?? '', 3000);
  assert.deepEqual(
    listener.owners.map(({ pid }) => pid),
    [api.pid],
  );
  assert.equal(listener.service, null);
  assert.equal(await lab.daemonPid(), null);
});

test('in another network namespace the command looks for itself: the daemon would tell of the wrong machine', async (t) => {
  if (!canUnshare(t)) return;
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach']);
  const report = await lab.json<PortsReport>(['ports'], { through: ['unshare', '--net'] });
  assert.deepEqual(report.listeners, []);
});

async function find(lab: Lab, address: string, port: number): Promise<ListenerDocument> {
  const { listeners } = await lab.json<PortsReport>(['ports']);
  const found = listeners.find((one) => one.address === address && one.port === port);
  assert.ok(found, `no listener ${address}:${port}`);
  return found;
}

function canUnshare(t: TestContext): boolean {
  if (spawnSync('unshare', ['--net', 'true']).status === 0) return true;
  t.skip('network namespaces cannot be made here');
  return false;
}
