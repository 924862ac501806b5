import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { node } from '../../src/recipes/node.ts';
import { staticFiles } from '../../src/recipes/static.ts';
import { vite } from '../../src/recipes/vite.ts';
import { until } from '../support/until.ts';
import { get } from './get.ts';
import { accepts, Rig } from './rig.ts';

const require = createRequire(import.meta.url);

const SERVER = `
import { createServer } from 'node:http';
import { words } from './words.js';
const { HOST, PORT } = process.env;
createServer((request, response) => response.end(words + ' ' + process.argv.slice(2).join(' ')))
  .listen(Number(PORT), HOST);
`;

test('node: HOST and PORT, arguments, a new start when a file changes, a debugger', async (t) => {
  const options = { script: 'app.mjs', args: ['--name', 'a b'], watch: true, inspect: true };
  const rig = Rig.create(t, node, { options, ports: { http: 3000 } });
  rig.write('app.mjs', SERVER);
  rig.write('package.json', '{"type":"module"}');
  rig.write('words.js', 'export const words = "first";');
  await rig.run();
  assert.equal((await get(rig.host, 3000, '/')).body, 'first --name a b');
  assert.equal(await accepts(rig.host, 9229), true);
  rig.write('words.js', 'export const words = "second";');
  await until(async () => {
    const answer = await get(rig.host, 3000, '/').catch(() => null);
    return answer?.body.startsWith('second') === true;
  });
  await rig.stop();
  assert.equal(await accepts(rig.host, 9229), false);
});

test('node: a program without a port is up when it runs', () => {
  const facts = { host: '127.96.0.1', ports: {}, options: node.options, node: '/usr/bin/node' };
  assert.deepEqual(node.endpoints, []);
  const plan = node.plan({ ...facts, options: { script: 'worker.js' } } as unknown as Rig['facts']);
  assert.deepEqual(plan.ready, { kind: 'none' });
  assert.deepEqual(plan.argv, ['/usr/bin/node', 'worker.js']);
  assert.equal(node.check({ script: '--eval' }).length, 1);
});

test('static: a directory, and one page for all paths', async (t) => {
  const plain = Rig.create(t, staticFiles, { folder: `it's "größer" dir` });
  const spa = Rig.create(t, staticFiles, { options: { root: 'site', spa: true } });
  plain.write('public/a b.txt', 'text');
  spa.write('site/index.html', '<h1>one page</h1>');
  await Promise.all([plain.run(), spa.run()]);
  assert.equal((await get(plain.host, 8080, '/a%20b.txt')).body, 'text');
  assert.equal((await get(plain.host, 8080, '/none')).status, 404);
  assert.equal((await get(spa.host, 8080, '/some/path')).body, '<h1>one page</h1>');
  await Promise.all([plain.stop(), spa.stop()]);
  assert.match(staticFiles.check({ spa: true, listing: true })[0]?.message ?? '', /exclude each other/);
});

test('vite: two at once on the same port, each on its address', async (t) => {
  const rigs = [Rig.create(t, vite, { options: { root: 'web' } }), Rig.create(t, vite)];
  for (const [at, rig] of rigs.entries()) {
    rig.write(`${at === 0 ? 'web/' : ''}index.html`, `<h1>page ${at}</h1>`);
    rig.write('package.json', '{"type":"module"}');
    const modules = join(rig.root, 'node_modules');
    mkdirSync(modules);
    symlinkSync(dirname(require.resolve('vite/package.json')), join(modules, 'vite'));
  }
  await Promise.all(rigs.map((rig) => rig.run()));
  for (const [at, rig] of rigs.entries())
    assert.match((await get(rig.host, 5173, '/')).body, new RegExp(`page ${at}`));
  await Promise.all(rigs.map((rig) => rig.stop()));
});
