/** Services that serve less than they declare, or more: said in `lo ps`, and taken back when it is not so any more. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ServiceStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { until } from '../support/until.ts';

const ROOT = process.getuid?.() === 0;

/** Listens where it was told; on its second port only once a file is there. Closes nothing. */
const SERVER = `
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
createServer().listen(Number(process.env.PORT), process.env.HOST);
const timer = setInterval(() => {
  if (!existsSync('go')) return;
  clearInterval(timer);
  createServer().listen(Number(process.env.PORT_METRICS), process.env.HOST);
}, 20);
`;

/** Ready by a port on its own address; then open to all on another one. */
const OPEN = `
import { createServer } from 'node:net';
createServer().listen(Number(process.env.PORT), process.env.HOST, () => createServer().listen(9777, '0.0.0.0'));
`;

function codes(service: ServiceStatus): readonly string[] {
  return service.warnings.map(({ code }) => code);
}

// Beside each other: both wait for looks that come after seconds.
describe('what services serve', { concurrency: true }, () => {
  test('a second endpoint that nobody serves is warned of, until somebody does, also by the next daemon', async (t) => {
    const lab = Lab.create(t);
    lab.write('server.mjs', SERVER);
    lab.write(
      'loopyard.yaml',
      'name: shop\nservices:\n  api: { run: node server.mjs, port: { http: 3000, metrics: 9100 } }\n  sleeper: { run: sleep 1000 }\n',
    );
    await lab.must(['up', '--detach']);
    assert.deepEqual(codes(await lab.service('api')), []);
    await until(async () => codes(await lab.service('api')).length > 0);
    const { warnings, state, endpoints } = await lab.service('api');
    assert.equal(state, 'ready');
    assert.deepEqual(
      warnings.map(({ code }) => code),
      ['ENDPOINT_UNSERVED'],
    );
    assert.ok(warnings[0]?.text.includes(`metrics (${endpoints[0]?.address}:9100)`), warnings[0]?.text);
    assert.match((await lab.lo(['ps'])).stdout, /ENDPOINT_UNSERVED[\s\S]*\$PORT_METRICS/);
    assert.deepEqual(codes(await lab.service('sleeper')), []);

    await lab.must(['daemon', 'stop']);
    lab.write('go', '');
    // Kept with the state, and looked at anew.
    await until(async () => codes(await lab.service('api')).length === 0);
  });

  test('a port that is not declared and open to all is warned of', {
    skip: ROOT ? false : 'needs a network namespace',
  }, async (t) => {
    const lab = Lab.create(t);
    lab.write('open.mjs', OPEN);
    lab.write(
      'loopyard.yaml',
      'name: shop\nservices:\n  api: { run: node open.mjs, port: 3000 }\n  web: { run: node -e \'require("net").createServer().listen(9778)\' }\n',
    );
    // One namespace for the daemon, its services and all commands: kept by the process that made it.
    const keeper = lab.start([], {
      through: ['unshare', '-n', 'sh', '-c', 'ip link set lo up; echo made; exec sleep 1000'],
    });
    await keeper.says(/made/);
    const through = ['nsenter', '-n', '-t', String(keeper.pid)];
    await lab.must(['up', '--detach'], 0, { through });
    await until(async () => codes(await lab.service('web', { through })).length > 0);
    await until(async () => codes(await lab.service('api', { through })).length > 0);
    const api = await lab.service('api', { through });
    const web = await lab.service('web', { through });
    assert.deepEqual([codes(api), codes(web)], [['LISTENS_UNDECLARED'], ['LISTENS_UNDECLARED']]);
    assert.match(api.warnings[0]?.text ?? '', /0\.0\.0\.0:9777/);
    assert.match(web.warnings[0]?.fix ?? '', /declare it: `port: 9778`/);
    await lab.must(['stop', 'web'], 0, { through });
    assert.deepEqual(codes(await lab.service('web', { through })), []);
    await lab.must(['daemon', 'stop', '--all'], 0, { through });
    await keeper.end();
  });
});
