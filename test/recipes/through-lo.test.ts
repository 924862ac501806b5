import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ensureProgram } from '../support/debian.ts';
import { Lab } from '../support/lab.ts';
import { get } from './get.ts';

const CONFIG = `
name: all
services:
  db:
    use: postgres
    with: { database: app, user: app, password: pg-secret, init: db/*.sql, settings: { max_connections: 19 } }
  cache: { use: redis, with: { password: redis-secret } }
  files: { use: static }
  api:
    use: node
    with: { script: api.js }
    port: 3000
    needs: [db, cache]
  edge: { use: nginx, with: { template: edge.conf }, needs: [api] }
  back: { use: nginx, with: { daemon: true } }
`;
const API = `
require('node:http').createServer((request, response) => {
  const { DB_URL, CACHE_URL } = process.env;
  response.end(JSON.stringify({ DB_URL, CACHE_URL, path: request.url }));
}).listen(3000);
`;

test('all recipes in one project, through lo: up, URLs, clients, reset, down', async (t) => {
  for (const [program, name] of PROGRAMS) {
    if ((await ensureProgram(t, { program, package: name })) === null) return;
  }
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', CONFIG);
  lab.write('db/1.sql', "CREATE TABLE word (text text); INSERT INTO word VALUES ('first');");
  lab.write('public/index.html', 'a page');
  lab.write('api.js', API);
  lab.write('edge.conf', 'server { listen ${LISTEN}; location / { proxy_pass ${API_URL}; } }');
  await lab.must(['up', '--detach']);
  const { services } = await lab.ps();
  for (const { name, state } of services) assert.equal(state, 'ready', name);
  const address = (name: string): string =>
    services.find((service) => service.name === name)?.endpoints[0]?.address ?? '';

  const seen = JSON.parse((await get(address('edge'), 8080, '/path')).body) as Record<string, string>;
  assert.deepEqual(seen, {
    DB_URL: `postgres://app:pg-secret@${address('db')}:5432/app`,
    CACHE_URL: `redis://default:redis-secret@${address('cache')}:6379`,
    path: '/path',
  });
  for (const name of ['files', 'back']) assert.equal((await get(address(name), 8080, '/')).body, 'a page');

  const sql = "SELECT text, current_setting('max_connections') FROM word";
  assert.equal((await lab.must(['connect', 'db', '--', '-Atc', sql])).trim(), 'first|19');
  assert.equal((await lab.must(['connect', 'cache', '--', 'SET', 'a', '1'])).trim(), 'OK');
  await lab.must(['connect', 'db', '--', '-c', "INSERT INTO word VALUES ('second')"]);
  await lab.must(['restart', 'db', 'cache']);
  assert.equal((await lab.must(['connect', 'db', '--', '-Atc', 'SELECT count(*) FROM word'])).trim(), '2');
  assert.equal((await lab.must(['connect', 'cache', '--', 'GET', 'a'])).trim(), '1');

  await lab.must(['reset', 'db', '--yes']);
  await lab.must(['up', '--detach']);
  assert.equal((await lab.must(['connect', 'db', '--', '-Atc', 'SELECT count(*) FROM word'])).trim(), '1');
  await lab.must(['down']);
  assert.deepEqual(
    (await lab.ps()).services.map(({ state }) => state),
    services.map(() => 'stopped'),
  );
});

const PROGRAMS = [
  ['postgres', 'postgresql'],
  ['redis-server', 'redis-server'],
  ['nginx', 'nginx-light'],
] as const;

test('a program that is not installed is named with its package', async (t) => {
  const lab = Lab.create(t);
  lab.write('loopyard.yaml', 'name: none\nservices:\n  cache: { use: redis }\n');
  const bin = join(lab.directory, 'bin');
  mkdirSync(bin);
  for (const name of ['sh', 'setsid'])
    symlinkSync(
      execFileSync('sh', ['-c', `command -v ${name}`])
        .toString()
        .trim(),
      join(bin, name),
    );
  const { code, stdout, stderr } = await lab.lo(['up', '--detach'], { env: { PATH: bin } });
  assert.equal(code, 1);
  assert.match(
    stdout + stderr,
    /the recipe redis needs the program `redis-server`; apt-get install redis-server/,
  );
});
