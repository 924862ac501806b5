/** The path that everybody walks: up, ps, logs, down. */

import assert from 'node:assert/strict';
import { get } from 'node:http';
import { test } from 'node:test';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';

const SHOP = `
name: shop
services:
  api:
    run: node server.mjs
    port: 3000
    needs: [db]
  db:
    run: node server.mjs
    port: 5432
    env: { GREETING: "I am \${env.WHO:-nobody}" }
  prepare:
    run: echo prepared for $LOOPYARD_SERVICE
    task: true
`;

test('up starts in order, ps tells the truth, logs keep the output, down leaves nothing', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', SHOP);
  lab.write('server.mjs', HTTP_SERVER);
  await lab.must(['up', '--detach']);

  const status = await lab.ps();
  const keys = [
    'endpoints',
    'exit',
    'name',
    'needs',
    'pid',
    'reason',
    'restarts',
    'run',
    'since',
    'state',
    'strategy',
    'warnings',
  ];
  assert.equal(status.schema, 1);
  assert.deepEqual(Object.keys(status.environment).sort(), ['id', 'name', 'path']);
  assert.equal(status.project, 'shop');
  for (const service of status.services) {
    for (const key of keys) assert.ok(key in service, `ps --json lacks ${key}`);
  }
  const states = Object.fromEntries(status.services.map((service) => [service.name, service.state]));
  assert.deepEqual(states, { api: 'ready', db: 'ready', prepare: 'completed' });

  const api = status.services.find((service) => service.name === 'api');
  const db = status.services.find((service) => service.name === 'db');
  assert.equal(api?.endpoints[0]?.port, 3000);
  assert.equal(db?.endpoints[0]?.port, 5432);
  assert.notEqual(api?.endpoints[0]?.address, db?.endpoints[0]?.address);
  assert.match(api?.endpoints[0]?.address ?? '', /^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
  const answer = JSON.parse(await fetchText(api?.endpoints[0]?.url ?? '')) as {
    needs: Record<string, string>;
  };
  assert.equal(answer.needs.DB_HOST, db?.endpoints[0]?.address);
  assert.equal(answer.needs.DB_PORT, '5432');

  assert.match(await lab.must(['logs', 'db']), /db listens on 127\.\d+\.\d+\.\d+:5432/);
  assert.match(await lab.must(['logs', 'prepare']), /prepared for prepare/);
  await lab.must(['down']);
  const after = await lab.ps();
  assert.deepEqual(
    after.services.map((service) => [service.state, service.pid]),
    [
      ['stopped', null],
      ['stopped', null],
      ['completed', null],
    ],
  );
  assert.equal(await connects(api?.endpoints[0]?.url ?? ''), false);
});

test('two clones are up at once, each on its usual ports', async (t) => {
  const lab = Lab.create(t);
  for (const clone of ['../one', '../two']) {
    lab.write(`${clone}/loopyard.yaml`, SHOP);
    lab.write(`${clone}/server.mjs`, HTTP_SERVER);
  }
  const [one, two] = [`${lab.directory}/../one`, `${lab.directory}/../two`];
  await Promise.all([
    lab.must(['up', '--detach'], 0, { cwd: one }),
    lab.must(['up', '--detach'], 0, { cwd: two }),
  ]);
  const first = await lab.service('db', { cwd: one });
  const second = await lab.service('db', { cwd: two });
  assert.equal(first.endpoints[0]?.port, 5432);
  assert.equal(second.endpoints[0]?.port, 5432);
  assert.notEqual(first.endpoints[0]?.address, second.endpoints[0]?.address);
  const list = await lab.json<{ environments: { name: string }[] }>(['ls']);
  assert.equal(new Set(list.environments.map((environment) => environment.name)).size, 2);
});

test('addresses stay the same over down and up, and when services are added', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', SHOP);
  lab.write('server.mjs', HTTP_SERVER);
  await lab.must(['up', '--detach']);
  const before = (await lab.service('api')).endpoints[0]?.address;
  await lab.must(['down']);
  lab.write(
    'loopyard.yaml',
    SHOP.replace('services:', 'services:\n  extra: { run: node server.mjs, port: 3000 }'),
  );
  await lab.must(['up', '--detach']);
  assert.equal((await lab.service('api')).endpoints[0]?.address, before);
  assert.notEqual((await lab.service('extra')).endpoints[0]?.address, before);
});

test('a failing service makes up --detach exit 1 with its last lines, its log and the next command', async (t) => {
  const lab = Lab.create(t);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  api: { run: "sh -c \\"echo cannot find the moon; exit 3\\"", restart: never, port: 3000 }\n  web: { run: sleep 100, needs: [api] }\n',
  );
  const result = await lab.lo(['up', '--detach']);
  const text = result.stdout + result.stderr;
  assert.equal(result.code, 1, text);
  assert.match(text, /cannot find the moon/);
  assert.match(text, /exited with code 3/);
  assert.match(text, /logs\/api\.log/);
  assert.match(text, /lo logs api/);
  assert.equal((await lab.service('web')).state, 'skipped');
});

test('what an earlier run wrote does not stand below a service that could not start', async (t) => {
  const lab = Lab.create(t);
  const config = (rest: string): string =>
    `name: shop\nservices:\n  api: { run: "sh -c \\"echo all was well; exit 3\\"", restart: never${rest} }\n`;
  lab.write('loopyard.yaml', config(''));
  await lab.must(['up', '--detach'], 1);
  lab.write('loopyard.yaml', config(', cwd: nowhere'));
  const { stderr, stdout } = await lab.lo(['up', '--detach']);
  assert.match(stderr, /api failed: .*nowhere/);
  assert.doesNotMatch(stdout + stderr, /all was well/);
});

function fetchText(url: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}

function connects(url: string): Promise<boolean> {
  return fetchText(url).then(
    () => true,
    () => false,
  );
}
