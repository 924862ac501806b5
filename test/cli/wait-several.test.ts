/** `lo wait` for several targets, for services that fail, and how it is ended. */

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { WaitReport } from '../../src/core/inspection.ts';
import { Lab } from '../support/lab.ts';
import { Rig } from './rig.ts';

const YAML = `name: shop
services:
  api: { run: node server.mjs, port: 3000 }
  # With a port it is never up for a moment, as one that has nothing to prove is.
  broken: { run: "sh -c 'exit 7'", port: 3001, restart: never }
`;
const SERVER = `import { createServer } from 'node:http';
createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);`;

function shop(t: TestContext): Lab {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', YAML);
  lab.write('server.mjs', SERVER);
  return lab;
}

async function listen(t: TestContext): Promise<number> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}

function linesOf(stdout: string): readonly WaitReport[] {
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as WaitReport);
}

test('several at once: all have to be as wanted', async (t) => {
  const lab = Lab.create(t);
  const ports = [await listen(t), await listen(t)];
  const words = ports.map((port) => `127.0.0.1:${port}`);
  const good = linesOf(await lab.must(['wait', ...words, '--json']));
  assert.deepEqual(
    good.map(({ target, met }) => [target, met]).sort(),
    words.map((word) => [word, true]).sort(),
  );
  const plain = await lab.lo(['wait', ...words, '127.77.0.1:1', '--timeout', '100ms']);
  assert.equal(plain.code, 1);
  const [one = '', two = '', three = ''] = plain.stdout.split('\n');
  assert.match(one, / is open after /);
  assert.match(two, / is open after /);
  assert.match(three, /^127\.77\.0\.1:1 is not open after .*: 127\.77\.0\.1:1: nothing listens$/);
});

test('a service that fails ends the wait at once, for whatever else is waited', async (t) => {
  const lab = shop(t);
  // Nothing but the failure can end it.
  const waiting = lab.start(['wait', 'broken', '127.77.0.1:1', '--timeout', '60s', '--json']);
  await lab.lo(['up', 'broken', '--detach']);
  const { code, stdout } = await waiting.finished;
  assert.equal(code, 1);
  const reports = linesOf(stdout);
  assert.deepEqual(
    reports.map(({ target, met }) => [target, met]),
    [
      ['broken', false],
      ['127.77.0.1:1', false],
    ],
  );
  assert.match(
    reports[0]?.lastError ?? '',
    /^the service is failed: exited with code 7; its output is in \//,
  );
  // The same for one that had failed before.
  assert.equal((await lab.lo(['wait', 'broken', '--timeout', '0'])).code, 1);
  assert.equal((await lab.lo(['wait', 'broken', '--free'])).code, 0);
});

test('the daemon may end and come again meanwhile', async (t) => {
  const lab = shop(t);
  await lab.lo(['up', 'broken', '--detach']);
  const waiting = lab.start(['wait', 'api', '--timeout', '60s']);
  await lab.must(['daemon', 'stop']);
  await lab.must(['up', 'api', '--detach']);
  const { code, stdout } = await waiting.finished;
  assert.equal(code, 0);
  assert.match(stdout, /^api is open on 127\.\d+\.\d+\.\d+ after /);
  const elsewhere = await lab.lo(['wait', 'api.shop.localhost', '--json'], { cwd: lab.home });
  const report = JSON.parse(elsewhere.stdout) as WaitReport;
  assert.deepEqual([report.target, report.met], ['api.shop.localhost', true]);
  assert.equal(report.address, (await lab.service('api')).endpoints[0]?.address);
  const none = await lab.lo(['wait', 'web.shop.localhost']);
  assert.equal(none.code, 2);
  assert.match(none.stderr, /`lo wait web\.shop\.localhost:3000`/);
});

test('Ctrl-C ends it with 130', async (t) => {
  const lab = Lab.create(t);
  // What goes on in this process ends by itself; a real command ends with its process.
  const rig = new Rig(['wait', '127.77.0.1:1', '127.77.0.1:2', '--timeout', '3s'], {
    terminal: 80,
    connect: async () => null,
  });
  await rig.stderr.says(/waiting for 127\.77\.0\.1:2 to be open/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  const real = lab.start(['wait', '127.77.0.1:1', '--timeout', '60s']);
  // It prints nothing while it waits, so it may be signalled before it listens for that: then the signal itself ends it.
  real.signal('SIGINT');
  const { code, signal } = await real.finished;
  assert.ok(code === 130 || signal === 'SIGINT', `${code} ${signal}`);
});
