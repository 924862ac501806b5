/** Programs that do not listen where they are told, and ports that somebody else holds. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { test } from 'node:test';
import type { ServiceStatus } from '../../src/core/status.ts';
import { Lab } from '../support/lab.ts';
import { HTTP_SERVER, WILDCARD_SERVER } from '../support/programs.ts';

const config = (port: number, extra = ''): string =>
  `name: shop\nservices:\n  api: { run: node server.mjs, port: ${port}${extra} }\n`;

test('Express-style listen(PORT) works in two checkouts at once, each on its own address', async (t) => {
  const lab = Lab.create(t);
  const port = await freePort();
  const places: (string | undefined)[] = [];
  for (const clone of ['one', 'two']) {
    lab.write(`../${clone}/server.mjs`, WILDCARD_SERVER);
    lab.write(`../${clone}/loopyard.yaml`, config(port));
    await lab.must(['up', '--detach'], 0, { cwd: `${lab.directory}/../${clone}` });
    const api = await lab.service('api', { cwd: `${lab.directory}/../${clone}` });
    assert.deepEqual(api.warnings, []);
    assert.equal(api.endpoints[0]?.port, port);
    assert.match(await fetchText(api), new RegExp(`/${clone}$`));
    places.push(api.endpoints[0]?.address);
  }
  assert.notEqual(places[0], places[1]);
});

test('with `bind: as-is` the first is warned of, and the second moves to a leased port and names the holder', async (t) => {
  const lab = Lab.create(t);
  const port = await freePort();
  const found: ServiceStatus[] = [];
  for (const clone of ['one', 'two']) {
    lab.write(`../${clone}/server.mjs`, WILDCARD_SERVER);
    lab.write(`../${clone}/loopyard.yaml`, config(port, ', bind: as-is'));
    await lab.must(['up', '--detach'], 0, { cwd: `${lab.directory}/../${clone}` });
    found.push(await lab.service('api', { cwd: `${lab.directory}/../${clone}` }));
  }
  const [first, second] = found;
  assert.deepEqual(
    [first?.state, first?.warnings.map((warning) => warning.code)],
    ['ready', ['LISTENS_WIDE']],
  );
  assert.match(first?.warnings[0]?.fix ?? '', /HOST/);
  assert.equal(second?.state, 'ready');
  assert.equal(second?.strategy, 'port');
  const leased = second?.endpoints[0]?.port ?? 0;
  assert.ok(leased >= 20_000 && leased <= 32_767, String(leased));
  const held = second?.warnings.find((warning) => warning.code === 'PORT_HELD_WIDE');
  assert.match(held?.text ?? '', new RegExp(`pid ${first?.pid}`));
  assert.ok(second && /two$/.test(await fetchText(second)));
});

test('a program that ignores PORT and cannot be moved fails with PORT_HELD_WIDE, naming the holder', async (t) => {
  const lab = Lab.create(t);
  const holder = await listen(0, '0.0.0.0');
  t.after(() => holder.close());
  const { port } = holder.address() as AddressInfo;
  lab.write('server.mjs', WILDCARD_SERVER);
  lab.write(
    'loopyard.yaml',
    `name: shop\nservices:\n  api: { run: node server.mjs ${port}, port: ${port}, bind: as-is, restart: never }\n`,
  );
  const result = await lab.lo(['up', '--detach']);
  assert.equal(result.code, 1);
  assert.match(result.stdout + result.stderr, new RegExp(`port ${port}.*pid ${process.pid}`, 's'));
});

test('a specific listener on the leased address is named as the holder', async (t) => {
  const lab = Lab.create(t);
  const port = await freePort();
  lab.write('server.mjs', HTTP_SERVER);
  lab.write('loopyard.yaml', config(port));
  await lab.must(['up', '--detach']);
  const { address = '' } = (await lab.service('api')).endpoints[0] ?? {};
  await lab.must(['down']);
  const holder = await listen(port, address);
  t.after(() => holder.close());
  const result = await lab.lo(['up', '--detach']);
  assert.equal(result.code, 1);
  assert.match(
    result.stdout + result.stderr,
    new RegExp(`${address.replaceAll('.', '\\.')}:${port} is held by .*pid ${process.pid}`, 's'),
  );
});

test('a program that listens on 127.0.0.1 although told otherwise is found there, with the fix', async (t) => {
  const lab = Lab.create(t);
  const port = await freePort();
  lab.write(
    'server.mjs',
    "import { createServer } from 'node:http';\ncreateServer((q, s) => s.end('here')).listen(Number(process.env.PORT), '127.0.0.1');\n",
  );
  lab.write(
    'loopyard.yaml',
    `name: shop\nservices:\n  api: { run: node server.mjs, port: ${port}, bind: as-is }\n  web: { run: node web.mjs, port: ${port}, needs: [api] }\n`,
  );
  lab.write('web.mjs', HTTP_SERVER);
  await lab.must(['up', '--detach']);
  const api = await lab.service('api');
  assert.deepEqual(
    api.warnings.map((warning) => warning.code),
    ['LISTENS_ELSEWHERE'],
  );
  assert.equal(api.endpoints[0]?.address, '127.0.0.1');
  assert.equal(await fetchText(api), 'here');
  const web = JSON.parse(await fetchText(await lab.service('web'))) as { needs: Record<string, string> };
  assert.equal(web.needs.API_HOST, '127.0.0.1');
});

test('the port of another program never passes for readiness', async (t) => {
  const lab = Lab.create(t);
  const port = await freePort();
  lab.write('sleeper.mjs', 'setInterval(() => {}, 1000);\n');
  lab.write(
    'loopyard.yaml',
    `name: shop\nservices:\n  api: { run: node sleeper.mjs, port: ${port}, ready: { tcp: true, timeout: 2s } }\n`,
  );
  const up = lab.lo(['up', '--detach']);
  // It takes the leased address as soon as it is known, before the program ever listens.
  let address: string | undefined;
  while (address === undefined) {
    const status = await lab.lo(['ps', '--json']);
    if (status.code === 0)
      address = (JSON.parse(status.stdout) as { services: ServiceStatus[] }).services[0]?.endpoints[0]
        ?.address;
  }
  const other = await listen(port, address).catch(() => null);
  t.after(() => other?.close());
  assert.equal((await up).code, 1);
  const api = await lab.service('api');
  assert.equal(api.state, 'unready');
  assert.match(api.reason ?? '', new RegExp(`pid ${process.pid}|not ready`));
});

async function listen(port: number, host: string): Promise<Server> {
  const server = createServer();
  server.listen(port, host);
  await once(server, 'listening');
  return server;
}

/** A port that nobody listens on now, outside the ephemeral range so that no connection takes it. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_100 + Math.floor(Math.random() * 9_000);
    const server = await listen(port, '0.0.0.0').catch(() => null);
    if (server === null) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

function fetchText(service: ServiceStatus): Promise<string> {
  return new Promise((resolve, reject) => {
    get(service.endpoints[0]?.url ?? '', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
}
