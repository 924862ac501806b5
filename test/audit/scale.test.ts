/** Twenty services at once: every check of `lo audit`, and all of them well afterwards. How long it takes is printed, and kept small by bounds. */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import type { AuditReport } from '../../src/core/audit.ts';
import { Lab } from '../support/lab.ts';
import { http, talker } from './support/servers.ts';

const SERVERS = 20;
/** Of one connection each; what is not answered at all on this list would be far more. */
const MOST_REQUESTS = 60;

test('twenty listeners', async (t) => {
  const lab = Lab.create(t);
  const served = new Map<string, number>();
  const places = await Promise.all(
    Array.from({ length: SERVERS }, async (_, index) => {
      const count = (): void => void served.set(String(index), (served.get(String(index)) ?? 0) + 1);
      if (index % 2 === 0)
        return await http(t, ({ url }, response) => {
          count();
          response.statusCode = url === '/' ? 200 : 404;
          response.end(url === '/' ? '<h1>Hello</h1>' : 'not here');
        });
      return await talker(t, () => {
        count();
        return 'what?\r\n';
      });
    }),
  );
  const started = performance.now();
  const { stdout, code, stderr } = await lab.lo([
    'audit',
    '--json',
    ...places.map(({ port }) => String(port)),
  ]);
  t.diagnostic(
    `${SERVERS} listeners took ${Math.round(performance.now() - started)} ms, Node's start included`,
  );
  assert.ok(code === 0 || code === 1, stderr);
  const { checked, skipped } = JSON.parse(stdout) as AuditReport;
  assert.equal(checked.targets, SERVERS);
  assert.deepEqual(
    skipped.filter(({ reason }) => /time|bug/.test(reason)),
    [],
  );
  assert.ok(checked.requests <= SERVERS * MOST_REQUESTS, `${checked.requests} connections`);
  assert.equal(served.size, SERVERS, 'everyone was asked');
  for (const { port } of places) assert.ok(await takesConnections(port), `${port} is gone`);
});

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.destroy());
    socket.once('close', (hadError) => resolve(!hadError));
    // Told by `close`.
    socket.on('error', () => undefined);
  });
}
