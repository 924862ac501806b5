/** `lo alias` end to end: a server that nobody of us runs gets a name, keeps it, and never takes one that a service has. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { aliasName, aliasTarget } from '../../src/core/alias.ts';
import type { AliasList } from '../../src/core/naming.ts';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';

const ON = { env: { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' } };

test('an alias is served over HTTPS, survives the daemon, and is gone when it is removed', async (t) => {
  const lab = Lab.create(t);
  const port = await server(t, 'grafana');
  const { aliases } = await lab.json<AliasList>(['alias', 'Grafana', `localhost:${port}`], ON);
  const [alias] = aliases;
  assert.deepEqual(
    { ...alias, urls: [] },
    { name: 'grafana.localhost', address: '127.0.0.1', port, heldBy: null, urls: [] },
  );
  const url = alias?.urls[0] ?? '';
  assert.match(url, /^https:\/\/grafana\.localhost:\d+$/);
  assert.equal(await get(lab, url), 'grafana');
  process.kill((await lab.daemonPid(ON)) ?? 0, 'SIGKILL');
  assert.equal(await get(lab, url), 'grafana');
  assert.match(await lab.must(['alias'], 0, ON), new RegExp(`grafana\\.localhost +127\\.0\\.0\\.1:${port}`));
  assert.deepEqual((await lab.json<AliasList>(['alias', '--remove', 'grafana'], ON)).aliases, []);
  await until(async () => (await get(lab, url).catch(() => 'refused')) === 'refused');
  const again = await lab.lo(['alias', '--remove', 'grafana'], ON);
  assert.equal(again.code, 2);
  assert.match(again.stderr, /NAME_UNKNOWN/);
});

test('a name that a service or another alias has is refused, with who holds it', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n');
  lab.write('server.mjs', HTTP_SERVER);
  await lab.must(['up', '--detach'], 0, ON);
  for (const name of ['web.shop.localhost', 'shop']) {
    const refused = await lab.lo(['alias', name, '3000'], ON);
    assert.equal(refused.code, 3, refused.stderr);
    assert.match(refused.stderr, /NAME_TAKEN.*shop in .*\/shop/);
  }
  await lab.must(['alias', 'tool', '3000'], 0, ON);
  await lab.must(['alias', 'tool', '127.0.0.1:3000'], 0, ON);
  const other = await lab.lo(['alias', 'tool', '4000'], ON);
  assert.equal(other.code, 3);
  assert.match(other.stderr, /an alias for 127\.0\.0\.1:3000[\s\S]*lo alias --remove tool\.localhost/);
});

test('an alias keeps a name that a service wants later; the service says who has it, and gets it once it is free', async (t) => {
  const lab = Lab.create(t);
  const port = await server(t, 'the other');
  await lab.must(['alias', 'web.shop.localhost', String(port)], 0, ON);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n');
  lab.write('server.mjs', HTTP_SERVER);
  await lab.must(['up', '--detach'], 0, ON);
  const [alias] = (await lab.json<AliasList>(['alias'], ON)).aliases;
  assert.equal(alias?.heldBy, null);
  const url = alias?.urls[0] ?? '';
  assert.equal(await get(lab, url), 'the other');
  const wanting = await lab.service('web', ON);
  assert.deepEqual(
    wanting.warnings.map(({ code }) => code),
    ['NAME_HELD'],
  );
  assert.match(wanting.warnings[0]?.text ?? '', /^web\.shop\.localhost leads to an alias/);
  assert.match(wanting.endpoints[0]?.names.join() ?? '', /^https:\/\/shop\.localhost:\d+$/);
  // A daemon that knows nothing but what is on disk decides the same.
  process.kill((await lab.daemonPid(ON)) ?? 0, 'SIGKILL');
  assert.match(await lab.must(['ps'], 0, ON), /NAME_HELD[\s\S]*lo alias --remove web\.shop\.localhost/);
  await lab.must(['alias', '--remove', 'web.shop.localhost'], 0, ON);
  const having = await lab.service('web', ON);
  assert.deepEqual(having.warnings, []);
  assert.equal(having.endpoints[0]?.names[0], url);
  assert.match(await get(lab, url), /"name":"web"/);
});

test('an alias for the gateway itself is refused', async (t) => {
  const lab = Lab.create(t);
  const { aliases } = await lab.json<AliasList>(['alias', 'tool', '3000'], ON);
  const { port } = new URL(aliases[0]?.urls[0] ?? '');
  for (const target of [port, `[::1]:${port}`]) {
    const refused = await lab.lo(['alias', 'round', target], ON);
    // Where there is no IPv6 nothing of ours is at ::1.
    if (target !== port && refused.code === 0) continue;
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /round\.localhost would lead in a circle/);
  }
});

test('a torn file of aliases is set aside and said, and the next alias is kept', async (t) => {
  const lab = Lab.create(t);
  await lab.must(['alias', 'tool', '3000']);
  await lab.must(['daemon', 'stop']);
  const file = join(lab.home, 'aliases.json');
  writeFileSync(file, readFileSync(file, 'utf8').slice(0, 20));
  assert.deepEqual((await lab.json<AliasList>(['alias'])).aliases, []);
  assert.match(readFileSync(join(lab.home, 'daemon.log'), 'utf8'), /STATE_UNREADABLE.*aliases\.json/);
  await lab.must(['alias', 'other', '4000']);
  assert.ok(existsSync(file));
});

test('names: a bare word gets the suffix, anything that is not below .localhost is refused', () => {
  assert.equal(aliasName('Tool'), 'tool.localhost');
  assert.equal(aliasName('a.b.localhost.'), 'a.b.localhost');
  const wrong = [
    '',
    'localhost',
    '.localhost',
    'a..localhost',
    'tool.test',
    'a_b',
    '-a',
    'a-',
    `${'a'.repeat(64)}`,
    'bank.example.com',
    'a b',
    'ä',
    '*.localhost',
    'a/b',
    Array(70).fill('abc').join('.').concat('.localhost'),
  ];
  for (const name of wrong) assert.throws(() => aliasName(name), { code: 'USAGE' }, name);
});

test('targets: a port or a loopback address with one, and nothing that leads elsewhere', () => {
  assert.deepEqual(aliasTarget('3000'), { address: '127.0.0.1', port: 3000 });
  assert.deepEqual(aliasTarget('http://localhost:3000/'), { address: '127.0.0.1', port: 3000 });
  assert.deepEqual(aliasTarget('127.64.0.3:80'), { address: '127.64.0.3', port: 80 });
  assert.deepEqual(aliasTarget('[::1]:65535'), { address: '::1', port: 65535 });
  const wrong = [
    '',
    '0',
    '65536',
    'web',
    '10.0.0.1:80',
    '0.0.0.0:80',
    '[::]:80',
    '::1:80',
    '[127.0.0.1]:80',
    '127.1:80',
    '127.0.0.01:80',
    '127.0.0.256:80',
    'example.com:80',
    'https://127.0.0.1:80',
    '127.0.0.1',
    ':80',
    '127.0.0.1:80/path',
    '-1',
    '[::ffff:10.0.0.1]:80',
  ];
  for (const target of wrong) assert.throws(() => aliasTarget(target), { code: 'USAGE' }, target);
});

async function server(t: TestContext, says: string): Promise<number> {
  const one = createServer((_request, response) => response.end(says));
  await new Promise<void>((resolve) => one.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    one.closeAllConnections();
    one.close();
  });
  return (one.address() as AddressInfo).port;
}

function get(lab: Lab, url: string): Promise<string> {
  const { hostname, port, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const ca = readFileSync(join(lab.home, 'ca.pem'));
    const where = { host: '127.0.0.1', port, servername: hostname, headers: { host } };
    const asking = request({ ...where, ca, agent: false, timeout: 10_000 }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('end', () => resolve(body));
    });
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end();
  });
}
