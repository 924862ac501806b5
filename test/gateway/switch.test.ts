/** `lo switch`: the plain names follow the chosen checkout, and requests by them reach its services. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SwitchReport } from '../../src/core/naming.ts';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { chooseByWord, type Named, ownName, renamings } from '../../src/daemon/switch.ts';
import { Lab } from '../support/lab.ts';

const ON = { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' };
const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end(process.cwd())).listen(process.env.PORT, process.env.HOST);
`;
const YAML = 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n';

test('the plain name follows a worktree and comes back, without a restart', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', YAML);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@localhost', ...args], {
      cwd: lab.directory,
      stdio: 'pipe',
      encoding: 'utf8',
    });
  git('init', '-q');
  git('add', '.');
  git('commit', '-qm', 'all');
  git('worktree', 'add', '-q', '../feature');
  const feature = join(lab.directory, '../feature');
  const there = { cwd: feature, env: ON };
  const here = { env: ON };
  await lab.must(['up', '--detach'], 0, here);
  await lab.must(['up', '--detach'], 0, there);
  const plain = await urlOf(lab, here);
  assert.match(plain, /^https:\/\/web\.shop\.localhost:/);
  assert.match(await urlOf(lab, there), /^https:\/\/web\.feature\.shop\.localhost:/);
  const pids = [await pidOf(lab, here), await pidOf(lab, there)];
  assert.equal(await get(lab, plain), lab.directory);

  const report = await lab.json<SwitchReport>(['switch', 'feature'], here);
  assert.deepEqual(
    report.moved.map(({ environment, before }) => [environment.path, before, environment.name]),
    [
      [feature, 'feature.shop', 'shop'],
      [lab.directory, 'shop', 'shop.shop'],
    ],
  );
  assert.equal(report.environment.path, feature);
  assert.equal(await get(lab, plain), feature);
  assert.match(await urlOf(lab, here), /web\.shop\.shop\.localhost/);
  assert.equal(await get(lab, await urlOf(lab, here)), lab.directory);

  process.kill((await lab.daemonPid(here)) ?? 0, 'SIGKILL');
  assert.match(await lab.must(['switch'], 0, there), /leads to .*feature already/);
  assert.match(await lab.must(['switch'], 0, here), /shop: was shop\.shop[\s\S]*feature\.shop: was shop,/);
  assert.equal(await get(lab, plain), lab.directory);
  assert.deepEqual([await pidOf(lab, here), await pidOf(lab, there)], pids);
});

test('a second clone takes the plain name, the first gets its folder, and an unknown one is told of', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', YAML);
  const clone = join(lab.directory, '../clone');
  mkdirSync(clone);
  cpSync(lab.directory, clone, { recursive: true });
  await lab.must(['up', '--detach'], 0, { env: ON });
  await lab.must(['up', '--detach'], 0, { cwd: clone, env: ON });
  const plain = await urlOf(lab, { env: ON });
  const warned = async (cwd: string): Promise<string> =>
    (await lab.service('web', { cwd, env: ON })).warnings.map(({ code, text }) => `${code}: ${text}`).join();
  assert.equal(await warned(lab.directory), '');
  assert.match(
    await warned(clone),
    /^NAME_HELD: shop\.localhost leads to shop in \S+\/shop, who had it first$/,
  );
  await lab.must(['switch'], 0, { cwd: clone, env: ON });
  assert.equal(await get(lab, plain), clone);
  assert.equal(await warned(clone), '');
  assert.match(await warned(lab.directory), /shop\.localhost leads to shop in \S+\/clone, /);
  const unknown = await lab.lo(['switch', 'nobody'], { env: ON });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /ENVIRONMENT_NOT_FOUND.*nobody[\s\S]*lo ls/);
});

test('who is renamed, and how', () => {
  const main = named('a', 'shop', '/src/shop');
  const other = named('b', 'clone.shop', '/src/clone');
  assert.deepEqual(renamings(main, [main, other]), []);
  assert.deepEqual(renamings(other, [main, other]), [
    { id: 'b', name: 'shop' },
    { id: 'a', name: 'shop.shop' },
  ]);
  assert.deepEqual(renamings(other, [other]), [{ id: 'b', name: 'shop' }]);
  assert.equal(ownName(main, new Set(['shop.shop', 'shop-2.shop'])), 'shop-3.shop');
  assert.equal(chooseByWord('clone', [main, other]), other);
  assert.equal(chooseByWord('a', [main, other]), main);
  assert.equal(chooseByWord('clone', [other, named('c', 'clone-2.shop', '/else/clone')])?.ref.id, undefined);
});

function named(id: string, name: string, path: string): Named {
  return { ref: { id, name, path }, project: 'shop' };
}

type Where = { readonly cwd?: string; readonly env: Readonly<Record<string, string>> };

async function urlOf(lab: Lab, where: Where): Promise<string> {
  const { services } = await lab.json<EnvironmentStatus>(['ps'], where);
  return services[0]?.endpoints[0]?.names[0] ?? '';
}

async function pidOf(lab: Lab, where: Where): Promise<number | null | undefined> {
  return (await lab.json<EnvironmentStatus>(['ps'], where)).services[0]?.pid;
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
