/** Names and HTTPS end to end: the shipped command, a real gateway on free ports, a client that trusts the home's authority and nothing else. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { request } from 'node:https';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER } from '../support/programs.ts';
import { until } from '../support/until.ts';

const SERVER = `
  import { createServer } from 'node:http';
  createServer((request, response) => response.end(JSON.stringify(request.headers))).listen(process.env.PORT, process.env.HOST);
`;
const YAML = 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n';
const ON = { env: { LOOPYARD_GATEWAY: 'on', LOOPYARD_HTTPS_PORT: '0', LOOPYARD_HTTP_PORT: '0' } };

test('a service is reached by its name over HTTPS, and says who asked', async (t) => {
  const { lab, url } = await up(t);
  assert.match(url, /^https:\/\/web\.shop\.localhost:\d+$/);
  const reply = await get(lab, url);
  assert.equal(reply.status, 200);
  const headers = JSON.parse(reply.body) as Record<string, string>;
  assert.equal(headers['x-forwarded-proto'], 'https');
  assert.equal(headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(headers.host, new URL(url).host);
});

test('lo ps tells what came through the gateway, and Prometheus can be given it', async (t) => {
  const { lab, url } = await up(t);
  for (let round = 0; round < 3; round += 1) await get(lab, url);
  const { traffic, environment } = await lab.json<EnvironmentStatus>(['ps'], ON);
  assert.equal(traffic?.pid, gatewayPid(lab));
  assert.equal(typeof traffic.lagMs, 'number');
  assert.deepEqual(
    traffic.routes.map(({ id, requests, errors, open }) => ({ id, requests, errors, open })),
    [{ id: `${environment.id}/web`, requests: 3, errors: 0, open: 0 }],
  );
  const text = await lab.must(['ps', '--metrics'], 0, ON);
  assert.match(text, new RegExp(`^loopyard_requests_total\\{route="${environment.id}/web"\\} 3$`, 'm'));
  await lab.must(['down'], 0, ON);
  assert.equal((await lab.json<EnvironmentStatus>(['ps'], ON)).traffic, null);
  assert.equal(await lab.must(['ps', '--metrics'], 0, ON), '');
});

test('a name that nobody has is refused before a byte is exchanged', async (t) => {
  const { lab, url } = await up(t);
  const other = url.replace('web.shop', 'bank.example');
  await assert.rejects(get(lab, other), /ECONNRESET|disconnected before secure|alert|hang up/);
});

test('a path on another’s name leads to the service that has it, and so do names below one that wants them', async (t) => {
  const lab = Lab.create(t);
  lab.write('server.mjs', HTTP_SERVER);
  lab.write(
    'loopyard.yaml',
    'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000, names: "*" }\n  api: { run: node server.mjs, port: 3000, names: web/api }\n',
  );
  await lab.must(['up', '--detach'], 0, ON);
  const { names = [] } = (await lab.service('api', ON)).endpoints[0] ?? {};
  const [own = '', path = ''] = names;
  assert.match(path, /^https:\/\/web\.shop\.localhost:\d+\/api$/);
  assert.ok(path.startsWith(own.replace('api.', 'web.')));
  const web = path.replace(/\/api$/, '');
  const asked = async (url: string): Promise<unknown> => {
    const { name, path: at } = JSON.parse((await get(lab, url)).body) as { name: string; path: string };
    return [name, at];
  };
  assert.deepEqual(await asked(`${path}/goods?x=1`), ['api', '/api/goods?x=1']);
  assert.deepEqual(await asked(`${web}/apis`), ['web', '/apis']);
  const tenant = web.replace('web.', 'acme.web.');
  assert.deepEqual(await asked(`${tenant}/`), ['web', '/']);
  assert.deepEqual(await asked(`${tenant}/api`), ['api', '/api']);
  assert.deepEqual(await asked(web.replace('web.shop', 'acme.shop')), ['web', '/']);
  await assert.rejects(asked(tenant.replace('acme.', 'a.b.')), /ECONNRESET|disconnected|alert|hang up/);

  const { pid } = await lab.service('web', ON);
  lab.write('loopyard.yaml', 'name: shop\nservices:\n  web: { run: node server.mjs, port: 3000 }\n');
  await lab.must(['up', '--detach'], 0, ON);
  assert.equal((await lab.service('web', ON)).pid, pid, 'other names are no reason to start again');
  await until(async () => (await get(lab, tenant).catch(() => null)) === null);
});

test('certificates that were deleted while they are in use are made anew at the next change', async (t) => {
  // No route changes with the worker: what is new are the files, at the same paths.
  const { lab, url } = await up(t, `${YAML}  worker: { run: sleep 600 }\n`);
  assert.equal((await get(lab, url)).status, 200);
  const before = readFileSync(join(lab.home, 'ca.pem'), 'utf8');
  rmSync(join(lab.home, 'gateway/certificates'), { recursive: true });
  rmSync(join(lab.home, 'ca.pem'));
  assert.ok(existsSync(join(lab.home, 'ca-key.pem')));
  await lab.must(['restart', 'worker'], 0, ON);
  await until(async () => existsSync(join(lab.home, 'ca.pem')));
  assert.notEqual(readFileSync(join(lab.home, 'ca.pem'), 'utf8'), before);
  // `get` trusts the authority that is there now, and no other.
  await until(async () => (await get(lab, url).catch(() => ({ status: 0 }))).status === 200);
});

test('a gateway that is killed is there again, with the same names on the same ports', async (t) => {
  const { lab, url } = await up(t);
  const pid = gatewayPid(lab);
  const before = slowestStart();
  const killed = performance.now();
  process.kill(pid, 'SIGKILL');
  await until(async () => {
    const status = await get(lab, url).then(
      (reply) => reply.status,
      () => 0,
    );
    return status === 200;
  });
  const ms = performance.now() - killed;
  const bare = Math.max(before, slowestStart());
  t.diagnostic(`served again after ${Math.round(ms)} ms; a bare Node starts in ${Math.round(bare)} ms`);
  // Half a second on a machine that has time; on one that has none Node alone takes as long.
  assert.ok(ms < Math.max(500, 8 * bare), `${ms} ms, ${bare} ms for a bare Node`);
  assert.notEqual(gatewayPid(lab), pid);
});

test('names are served on while no daemon lives, and the next one takes the gateway over', async (t) => {
  const { lab, url } = await up(t);
  const pid = gatewayPid(lab);
  process.kill((await lab.daemonPid(ON)) ?? 0, 'SIGKILL');
  assert.equal((await get(lab, url)).status, 200);
  await lab.must(['ps'], 0, ON);
  assert.equal((await get(lab, url)).status, 200);
  assert.equal(gatewayPid(lab), pid);
  // Without both the next command brings both back, at the same place.
  for (const one of [(await lab.daemonPid(ON)) ?? 0, pid]) process.kill(one, 'SIGKILL');
  await assert.rejects(get(lab, url));
  await lab.must(['ps'], 0, ON);
  await until(async () => (await get(lab, url).catch(() => ({ status: 0 }))).status === 200);
});

test('after down nothing is left of it but private files', async (t) => {
  const { lab } = await up(t);
  const pid = gatewayPid(lab);
  await lab.must(['down'], 0, ON);
  await until(() => !existsSync(`/proc/${pid}`));
  assert.equal(statSync(join(lab.home, 'ca-key.pem')).mode & 0o777, 0o600);
});

async function up(t: TestContext, yaml = YAML): Promise<{ readonly lab: Lab; readonly url: string }> {
  const lab = Lab.create(t);
  lab.write('server.mjs', SERVER);
  lab.write('loopyard.yaml', yaml);
  await lab.must(['up', '--detach'], 0, ON);
  let url = '';
  await until(async () => {
    const { services } = await lab.json<EnvironmentStatus>(['ps'], ON);
    url = services[0]?.endpoints[0]?.names[0] ?? '';
    return url !== '';
  });
  return { lab, url };
}

function gatewayPid(lab: Lab): number {
  const pid = lab
    .processes()
    .find((one) => readFileSync(`/proc/${one}/cmdline`, 'latin1').includes('gateway.js'));
  assert.ok(pid, 'no gateway runs');
  return pid;
}

/** By the address of the name's door, without any resolver. */
function get(lab: Lab, url: string): Promise<{ readonly status: number; readonly body: string }> {
  const { hostname, port, pathname, search, host } = new URL(url);
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        host: '127.0.0.1',
        port,
        path: pathname + search,
        servername: hostname,
        headers: { host },
        agent: false,
        ca: readFileSync(join(lab.home, 'ca.pem')),
        timeout: 10_000,
      },
      (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => {
          body += text;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      },
    );
    asking.on('timeout', () => asking.destroy(new Error('no answer')));
    asking.on('error', reject);
    asking.end();
  });
}

/** Of three starts of a Node that does nothing, in ms. */
function slowestStart(): number {
  const starts = Array.from({ length: 3 }, () => {
    const began = performance.now();
    spawnSync(process.execPath, ['-e', '']);
    return performance.now() - began;
  });
  return Math.max(...starts);
}
