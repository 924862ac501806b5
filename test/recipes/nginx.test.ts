import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { findRecipeProgram } from '../../src/daemon/programs.ts';
import { nginx } from '../../src/recipes/nginx.ts';
import { needsProgram } from '../support/debian.ts';
import { until } from '../support/until.ts';
import { get } from './get.ts';
import { Rig, type RigOptions, randomAddress } from './rig.ts';

test('serves a directory, with types, and logs to the service’s log', async (t) => {
  const rig = await make(t, {});
  if (rig === null) return;
  rig.write('public/index.html', '<h1>grüße</h1>');
  rig.write('public/app.mjs', 'export {}');
  await rig.run();
  const page = await get(rig.host, rig.port, '/');
  assert.equal(page.body, '<h1>grüße</h1>');
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  assert.equal(
    (await get(rig.host, rig.port, '/app.mjs')).headers['content-type'],
    'text/javascript; charset=utf-8',
  );
  assert.equal((await get(rig.host, rig.port, '/none')).status, 404);
  await until(() => /"GET \/ HTTP\/1.1" 200/.test(rig.log) && /none" failed/.test(rig.log));
  await rig.stop();
});

test('two at once on the same port, each on its address, in odd directories', async (t) => {
  const folders = [`it's "größer" $HOME * {x} ;dir`, 'other'];
  const rigs: Rig[] = [];
  for (const folder of folders) {
    const rig = await make(t, { folder, options: { root: `${folder.length} files` } });
    if (rig === null) return;
    rig.write(`${folder.length} files/index.html`, folder);
    rigs.push(rig);
  }
  await Promise.all(rigs.map((rig) => rig.run()));
  for (const [at, rig] of rigs.entries())
    assert.equal((await get(rig.host, rig.port, '/')).body, folders[at]);
  await Promise.all(rigs.map((rig) => rig.stop()));
});

test('a template is filled with the service’s variables, and nginx’s own stay', async (t) => {
  const api = createServer((request, response) =>
    response.end(`${request.headers['x-real-ip']} ${request.url}`),
  );
  const host = randomAddress();
  await new Promise<void>((resolve) => api.listen(0, host, resolve));
  t.after(() => api.close());
  const address = api.address();
  assert.ok(typeof address === 'object' && address !== null);
  const rig = await make(t, {
    options: { template: 'edge.conf' },
    variables: { API_URL: `http://${host}:${address.port}`, ODD: 'a & b \\1 | $x' },
  });
  if (rig === null) return;
  rig.write(
    'edge.conf',
    'server {\n  listen ${LISTEN};\n  location / { proxy_set_header X-Real-IP $remote_addr; proxy_pass ${API_URL}; }\n' +
      '  location /odd { add_header X-Odd "a & b"; return 200 "host ${HOST} port ${PORT}"; }\n  # ${ODD}\n' +
      '  location /file { alias public/; }\n}\n',
  );
  rig.write('public/a.txt', 'from the project');
  await rig.run();
  assert.equal((await get(rig.host, rig.port, '/x?y=1')).body, '127.0.0.1 /x?y=1');
  assert.equal((await get(rig.host, rig.port, '/odd')).body, `host ${rig.host} port ${rig.port}`);
  assert.equal((await get(rig.host, rig.port, '/file/a.txt')).body, 'from the project');
  await rig.stop();
});

const MISTAKES: readonly [string, string, RegExp][] = [
  [
    'an unknown variable',
    'server {\n listen ${LISTEN};\n proxy_pass ${APPI_URL};\n}',
    /edge\.conf:3: .* no variable APPI_URL/,
  ],
  ['a whole nginx.conf', 'events {}\nhttp { server { listen ${LISTEN}; } }', /holds a whole nginx\.conf/],
  [
    'no listen address',
    'server { listen 8080; }',
    /does not say where to listen; write: listen \$\{LISTEN\};/,
  ],
  [
    'a mistake of nginx',
    'server { listen ${LISTEN}; lissten 1; }',
    /unknown directive "lissten" in .*servers\.conf:1/,
  ],
];
for (const [name, template, message] of MISTAKES) {
  test(`a template with ${name} ends with a message`, async (t) => {
    const rig = await make(t, { options: { template: 'edge.conf' } });
    if (rig === null) return;
    rig.write('edge.conf', template);
    rig.start();
    await rig.end();
    assert.equal(rig.code, 1, rig.log);
    assert.match(rig.log, message);
  });
}

test('daemon: true puts itself into the background, serves and stops', async (t) => {
  const rig = await make(t, { options: { daemon: true } });
  if (rig === null) return;
  rig.write('public/index.html', 'from the background');
  await rig.run();
  await rig.end();
  assert.equal(rig.code, 0);
  assert.equal((await get(rig.host, rig.port, '/')).body, 'from the background');
  await until(() => /"GET \/ HTTP\/1.1" 200/.test(rig.log));
  await rig.stop();
});

test('writes below its own directories only', async (t) => {
  const rig = await make(t, {});
  if (rig === null) return;
  rig.write('public/index.html', 'x');
  await rig.run();
  assert.deepEqual(readdirSync(rig.facts.dataDir).sort(), [
    'client_body',
    'fastcgi',
    'proxy',
    'scgi',
    'uwsgi',
  ]);
  assert.deepEqual(readdirSync(rig.facts.runDir).sort(), ['fill-template.awk', 'nginx.conf', 'nginx.pid']);
  assert.doesNotMatch(rig.log, /alert|emerg/);
  await rig.stop();
});

test('options that exclude each other', () => {
  assert.match(nginx.check({ root: 'a', template: 'b' })[0]?.message ?? '', /exclude each other/);
  assert.match(nginx.check({ root: 'a$b' })[0]?.message ?? '', /variable/);
  assert.deepEqual(nginx.check({ daemon: false }), []);
});

async function make(t: TestContext, given: RigOptions): Promise<Rig | null> {
  const program = nginx.programs[0];
  assert.ok(program);
  const find = (): string | null => findRecipeProgram(program, process.env.PATH ?? '', process.cwd());
  return (await needsProgram(t, find, 'nginx-light')) ? Rig.create(t, nginx, given) : null;
}
