/** A wall clock that jumps a day ahead and a day back under a running daemon (libfaketime): nothing stops, restarts or is lost. */

import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { needsProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';

const LIBRARIES = ['x86_64', 'aarch64'].map((cpu) => `/usr/lib/${cpu}-linux-gnu/faketime/libfaketime.so.1`);

const CONFIG = `
name: shop
services:
  api: { run: node server.mjs, port: 3000, restart: { policy: always, backoff: 50ms } }
  job: { run: "sh -c 'while :; do date; sleep 0.05; done'" }
`;

test('the clock jumps by a day, ahead and back', async (t) => {
  const library = (): string | null => LIBRARIES.find((path) => existsSync(path)) ?? null;
  if (!(await needsProgram(t, library, 'libfaketime'))) return;
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', CONFIG);
  const clock = lab.write('../clock', '+0d');
  const env = {
    LD_PRELOAD: library() ?? '',
    FAKETIME_TIMESTAMP_FILE: clock,
    FAKETIME_NO_CACHE: '1',
    // Intervals are measured by a clock that never jumps, in the world as well.
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
  await lab.must(['up', '--detach'], 0, { env });
  let { pid } = await lab.service('api', { env });
  for (const jump of ['+1d', '-1d', '+0d']) {
    writeFileSync(clock, jump);
    const before = await lab.service('api', { env });
    assert.deepEqual([before.state, before.pid, before.restarts > 10], ['ready', pid, false], jump);
    // A crash after the jump is answered by a restart within moments, not within a day.
    process.kill(pid ?? 0, 'SIGKILL');
    await until(async () => {
      const now = await lab.service('api', { env });
      return now.state === 'ready' && now.pid !== pid;
    });
    ({ pid } = await lab.service('api', { env }));
    const lines = await lab.must(['logs', 'job', '--tail', '3', '--json'], 0, { env });
    assert.equal(lines.trim().split('\n').length, 3);
  }
  await lab.must(['restart', 'api'], 0, { env });
  await lab.must(['down'], 0, { env });
});
