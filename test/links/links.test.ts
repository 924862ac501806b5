/** Links end to end: what a service is told, where it leads, and what survives. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LinkDocument } from '../../src/core/link-list.ts';
import { until } from '../support/until.ts';
import { dial, get, LinkLab, ON, SHOP } from './rig.ts';

test('a service is told the link to what it needs, and what it says there is counted', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const db = (await lab.lab.service('db', ON)).endpoints[0];
  const link = await lab.link('api:db');
  const told = await lab.told('api');
  assert.notEqual(link.listen.address, db?.address);
  assert.deepEqual(
    [told.DB_HOST, told.DB_PORT, told.DB_HTTP_PORT, told.DB_URL],
    [link.listen.address, '5432', '5432', `http://${link.listen.address}:5432`],
  );
  assert.deepEqual(link.upstream, { address: db?.address, port: 5432 });
  assert.deepEqual(
    [link.from, link.to, link.endpoint, link.enabled, link.listening, link.connections, link.faults],
    ['api', 'db', 'http', true, true, 0, []],
  );
  assert.equal(JSON.parse(await get(`${await lab.url('api')}/through`)).name, 'db');
  const after = await lab.link('api:db');
  assert.equal(after.accepted, 1);
  assert.ok(after.bytesIn > 0 && after.bytesOut > after.bytesIn);
  assert.match(await lab.must(['link', 'ls']), /^api:db +127\.\d+\.\d+\.\d+:5432 +127\.\d+\.\d+\.\d+:5432/m);
  const others = Object.keys(await lab.told('db')).filter((name) => /^(DB|API)_/.test(name));
  assert.deepEqual(others, []);
});

test('each endpoint has its link on the address of its need; `direct: true` does without', async (t) => {
  const lab = new LinkLab(
    t,
    `
name: shop
services:
  db: { run: node server.mjs, port: { http: 5432, metrics: 9100 }, ready: { http: / } }
  api: { run: node server.mjs, port: 3000, needs: [db], env: { WHERE_URL: "\${db.url} \${db.ports.metrics}" } }
  tool: { run: node server.mjs, port: 3000, needs: { db: { direct: true } } }
`,
  );
  await lab.up();
  const { links } = await lab.list();
  assert.deepEqual(
    links.map(({ name, listen }) => [name, listen.port]),
    [
      ['api:db', 5432],
      ['api:db/metrics', 9100],
    ],
  );
  assert.equal(links[0]?.listen.address, links[1]?.listen.address);
  const [api, tool, db] = [await lab.told('api'), await lab.told('tool'), await lab.lab.service('db', ON)];
  assert.equal(api.DB_METRICS_PORT, '9100');
  assert.equal(api.WHERE_URL, `http://${links[0]?.listen.address}:5432 9100`);
  assert.equal(tool.DB_HOST, db.endpoints[0]?.address);
  const variables = await lab.lab.json<{ variables: Record<string, string> }>(['env', 'api'], ON);
  assert.equal(variables.variables.DB_HOST, api.DB_HOST);
});

test('links serve on without a daemon, and are where they were after the gateway was killed', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const before = await lab.link('api:db');
  const { address, port } = before.listen;
  const socket = await dial(address, port);
  t.after(() => socket.destroy());
  const answered = new Promise((resolve) => socket.once('data', resolve));
  process.kill((await lab.lab.daemonPid(ON)) ?? 0, 'SIGKILL');
  // The connection is open across the end of the daemon, and a new one is made while there is none.
  socket.write('GET / HTTP/1.1\r\nhost: db\r\n\r\n');
  await answered;
  assert.equal(JSON.parse(await get(`http://${address}:${port}/`)).name, 'db');

  const gateway = await lab.gateway();
  const api = await lab.lab.service('api', ON);
  const adopted = await lab.link('api:db');
  assert.deepEqual(
    [adopted.listen, adopted.upstream, adopted.listening],
    [before.listen, before.upstream, true],
  );
  assert.equal((await lab.gateway()).pid, gateway.pid);
  process.kill(gateway.pid, 'SIGKILL');
  await until(async () => (await get(`http://${address}:${port}/`).catch(() => '')) !== '');
  assert.notEqual((await lab.gateway()).pid, gateway.pid);
  assert.equal(JSON.parse(await get(`${await lab.url('api')}/through`)).name, 'db');
  assert.deepEqual((await lab.lab.service('api', ON)).run, api.run);
});

test('a service that takes its port on every address is reached at a leased one, and may be restarted', async (t) => {
  const lab = new LinkLab(t, SHOP.replace('port: 5432', 'port: 25432, bind: as-is, env: { WIDE: "1" }'));
  await lab.up();
  const leased = (await lab.link('api:db')).listen;
  assert.match(leased.address, /^127\.(?!0\.0\.1$)/);
  assert.ok(leased.port >= 20_000 && leased.port <= 32_767 && leased.port !== 25_432, String(leased.port));
  assert.equal((await lab.told('api')).DB_PORT, String(leased.port));
  await lab.must(['restart', 'db']);
  const after = await lab.link('api:db');
  assert.deepEqual([after.listen, after.listening, after.error], [leased, true, null]);
  assert.equal(JSON.parse(await get(`${await lab.url('api')}/through`)).name, 'db');
});

test('whoever only waits for a start is let go at once, to a link that no wildcard can take', async (t) => {
  const lab = new LinkLab(
    t,
    SHOP.replace('needs: [db]', 'needs: { db: started }').replace(
      'port: 5432',
      'port: 25433, bind: as-is, env: { WIDE: "1" }',
    ),
  );
  await lab.up();
  const { listen, listening } = await lab.link('api:db');
  assert.ok(listening && listen.port !== 25_433);
  await until(async () => (await get(`${await lab.url('api')}/through`)).includes('"db"'));
});

test('a link goes with its service and is there again with it', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const { listen } = await lab.link('api:db');
  await lab.must(['stop', 'db']);
  const down: LinkDocument = await lab.link('api:db');
  assert.deepEqual([down.upstream, down.listening, down.error, down.listen], [null, false, null, listen]);
  await assert.rejects(dial(listen.address, listen.port), { code: 'ECONNREFUSED' });
  await lab.must(['start', 'db']);
  assert.equal(JSON.parse(await get(`${await lab.url('api')}/through`)).name, 'db');
  const gateway = await lab.gateway();
  await lab.must(['down']);
  await until(() => !alive(gateway.pid));
});

test('a gateway that listens on an address of a run is no member of it', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const address = (await lab.lab.service('db', ON)).endpoints[0]?.address ?? '';
  await lab.must(['link', 'add', '9', '--listen', `${address}:7777`, '--name', 'intruder']);
  // Younger than the run: only its being the gateway tells it from what the run left behind.
  process.kill((await lab.gateway()).pid, 'SIGKILL');
  await until(async () =>
    (await lab.list()).links.some(({ name, listening }) => name === 'intruder' && listening),
  );
  const gateway = await lab.gateway();
  await lab.must(['stop', 'db']);
  await lab.must(['start', 'db']);
  assert.equal((await lab.gateway()).pid, gateway.pid);
});

function alive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // Gone.
    return false;
  }
}
