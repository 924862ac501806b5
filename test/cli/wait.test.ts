/** `lo wait` as a command: services, words, what a terminal shows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WaitReport } from '../../src/core/inspection.ts';
import { Lab } from '../support/lab.ts';
import { lo, Rig } from './rig.ts';

test('a service that another terminal brings up and takes down', async (t) => {
  const lab = Lab.create(t);
  lab.write(
    'server.mjs',
    `import { createServer } from 'node:http';
     createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);`,
  );
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  api: { run: node server.mjs, port: 3000 }\n  broken: { run: "sh -c \'exit 7\'", restart: never }\n',
  );
  const open = lab.start(['wait', 'api', '--json']);
  await lab.must(['up', 'api', '--detach']);
  const opened = await open.finished;
  assert.equal(opened.code, 0);
  const report = JSON.parse(opened.stdout) as WaitReport;
  assert.deepEqual([report.target, report.met, report.wanted], ['api', true, 'open']);
  assert.equal(report.address, (await lab.service('api')).endpoints[0]?.address);
  const running = await lab.lo(['wait', 'api', '--free', '--timeout', '1ms']);
  assert.equal(running.code, 1);
  assert.match(running.stdout, /^api is not free after .*: the service is ready\n$/);
  const free = lab.start(['wait', 'api', '--free']);
  await lab.must(['stop', 'api']);
  assert.equal((await free.finished).code, 0);

  await lab.lo(['start', 'broken']);
  const broken = await lab.lo(['wait', 'broken', '--timeout', '1ms']);
  assert.equal(broken.code, 1);
  assert.match(broken.stdout, /the service is failed: exited with code 7/);
  const unknown = await lab.lo(['wait', 'apo']);
  assert.equal(unknown.code, 2);
  assert.match(
    unknown.stderr,
    /SERVICE_UNKNOWN.*\n.*did you mean `api`\?; a place needs a port: `lo wait apo:3000`/,
  );
});

test('without a daemon nothing is known of a service, and none is started', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  api: { run: sleep 1000 }\n');
  for (const words of [['api'], ['api', '--free']]) {
    const { code, stdout } = await lab.lo(['wait', ...words, '--timeout', '1ms']);
    assert.equal(code, 1);
    assert.match(stdout, /no daemon runs, and without one nobody knows; `lo up` starts both/);
  }
  assert.equal(await lab.daemonPid(), null);
});

test('words that are wrong end with 2', async (t) => {
  const lab = Lab.create(t);
  for (const [words, message] of [
    [[], /TARGET is missing/],
    [['localhost'], /there is no port to wait for\nhint: name one: `lo wait localhost:3000`/],
    [['70000'], /ports end at 65535/],
    [['3000', '--timeout', 'soon'], /--timeout is no duration: `soon`/],
    [['3000', '--busy'], /there is no option --busy/],
  ] as const) {
    const { code, stderr } = await lab.lo(['wait', ...words]);
    assert.equal(code, 2);
    assert.match(stderr, message);
  }
});

test('a terminal shows what is waited for, and keeps only the result', async () => {
  const rig = new Rig(['wait', '127.77.0.1:1', '--timeout', '400ms'], {
    terminal: 80,
    connect: async () => null,
  });
  await rig.stderr.says(/waiting for 127\.77\.0\.1:1 to be open, .*: 127\.77\.0\.1:1: nothing listens/);
  assert.equal(await rig.ended, 1);
  assert.match(rig.stdout.text, /127\.77\.0\.1:1 is not open after /);
  const silent = await lo(['wait', '127.77.0.1:1', '--timeout', '1ms'], { connect: async () => null });
  assert.deepEqual([silent.code, silent.stderr], [1, '']);
});
