/** `lo kill` on a service of ours: the supervisor stops it, and does not start it again. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { KillReport } from '../../src/core/inspection.ts';
import { Lab } from '../support/lab.ts';
import { until } from '../support/until.ts';

const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end('ok')).listen(process.env.PORT, process.env.HOST);
`;
const CONFIG = `
name: shop
services:
  api: { run: node server.mjs, port: 3000, restart: always }
  web: { run: node server.mjs, port: 3000 }
`;

// Each looks for two seconds at the end whether somebody comes back.
describe('lo kill', { concurrency: true }, () => {
  test('a service is stopped by its supervisor and stays so, whatever its restart policy; others go on', async (t) => {
    const lab = Lab.create(t);
    lab.write('server.mjs', SERVER);
    lab.write('loopyard.yaml', CONFIG);
    await lab.must(['up', '--detach']);
    const [api, web] = [await lab.service('api'), await lab.service('web')];
    const place = `${api.endpoints[0]?.address}:3000`;
    const shown = await lab.must(['kill', place, '--dry-run']);
    assert.match(shown, /^port 3000: stop the service api of shop in \//m);
    const report = await lab.json<KillReport>(['kill', place, '--yes']);
    assert.equal(report.steps[0]?.kind, 'service');
    assert.deepEqual(report.ended, [{ pid: api.pid, by: 'supervisor' }]);
    assert.equal(report.free, true);
    assert.equal(report.respawned, null);
    const after = await lab.service('api');
    assert.equal(after.state, 'stopped');
    assert.equal(after.restarts, 0);
    assert.equal((await lab.service('web')).pid, web.pid);
  });

  test('without its daemon a service is a process like others; the next daemon knows that it ended', async (t) => {
    const lab = Lab.create(t);
    lab.write('server.mjs', SERVER);
    lab.write('loopyard.yaml', CONFIG.replace(', restart: always', ''));
    await lab.must(['up', '--detach']);
    const api = await lab.service('api');
    await lab.must(['daemon', 'stop']);
    const place = `${api.endpoints[0]?.address}:3000`;
    const report = await lab.json<KillReport>(['kill', place, '--yes']);
    assert.deepEqual(report.ended, [{ pid: api.pid, by: 'TERM' }]);
    await until(async () => (await lab.service('api')).exit !== null);
    const { exit } = await lab.service('api');
    assert.equal(exit?.signal, 'SIGTERM');
  });

  test('whose daemon is not known, its service comes back: Loopyard is named, with the command that stops it', async (t) => {
    const lab = Lab.create(t);
    // In Perl, which is back within the two seconds in which that is noticed.
    const server =
      'use IO::Socket::INET; my $s = IO::Socket::INET->new(Listen => 5, LocalAddr => "$ENV{HOST}:$ENV{PORT}", ReuseAddr => 1) or die; sleep 3600;';
    lab.write('server.pl', server);
    lab.write(
      'loopyard.yaml',
      'name: shop\nservices:\n  api: { run: perl server.pl, port: 3000, restart: { policy: always, backoff: 10ms } }\n',
    );
    await lab.must(['up', '--detach']);
    const place = `${(await lab.service('api')).endpoints[0]?.address}:3000`;
    const other = { env: { LOOPYARD_HOME: `${lab.home}-other` } };
    let stdout = '';
    // On a busy machine it may come back later than that, and is ended once more.
    for (let attempt = 1, code: number | null = 0; code !== 1; attempt += 1) {
      assert.ok(attempt <= 10, stdout);
      await until(async () => (await lab.service('api')).state === 'ready');
      ({ code, stdout } = await lab.lo(['kill', place, '--yes'], other));
    }
    assert.match(stdout, /^perl \(pid \d+\) listens on port 3000 again: Loopyard started it$/m);
    const [, directory = '', ...stop] = /^ {2}fix: cd (\S+) && lo (\S+) (\S+)$/m.exec(stdout) ?? [];
    assert.deepEqual([directory, ...stop], [lab.directory, 'stop', 'api']);
    await lab.must(stop);
    assert.equal((await lab.lo(['kill', place, '--yes'], other)).code, 1);
  });
});
