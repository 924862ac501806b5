/** What the daemon tells a real gateway over its socket: all at first, then only the links that differ, and all again to another one. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { GatewayChange, GatewaySnapshot, GatewayStatus } from '../../src/core/gateway.ts';
import type { GatewayLink } from '../../src/core/link.ts';
import { GatewayClient } from '../../src/daemon/gateway-client.ts';
import { serveControl } from '../../src/gateway/control.ts';
import { Gateway } from '../../src/gateway/gateway.ts';

const HOST = '127.0.0.1';

test('links that differ are told alone, and serve; whatever else changed is told whole', async (t) => {
  const scene = await stage(t);
  const [one, two] = [await scene.link('one'), await scene.link('two')];
  const routes: GatewaySnapshot['routes'] = [];
  const certificates: GatewaySnapshot['certificates'] = [];
  const deliver = (links: readonly GatewayLink[], others = routes): Promise<GatewayStatus | null> =>
    scene.deliver({ routes: others, certificates, links });

  await deliver([one, { ...two, upstream: null }]);
  const status = await deliver([one, two]);
  assert.deepEqual(
    status?.links.map(({ id, listening }) => [id, listening]),
    [
      ['one', true],
      ['two', true],
    ],
  );
  assert.equal(await answers(two), true);
  await deliver([two]);
  assert.equal(await answers(one), false);
  await deliver([two], [...routes]);
  assert.deepEqual(scene.told, [
    { all: ['one', 'two'] },
    { links: ['two'], gone: [] },
    { links: [], gone: ['one'] },
    { all: ['two'] },
  ]);
});

test('a gateway that serves another revision takes no difference, and is told all; so is its successor', async (t) => {
  const scene = await stage(t);
  const parts = { routes: [], certificates: [] };
  const [one, two] = [await scene.link('one'), await scene.link('two')];
  await scene.deliver({ ...parts, links: [one] });
  scene.meddle();
  await scene.deliver({ ...parts, links: [one, two] });
  assert.deepEqual(scene.told, [{ all: ['one'] }, { links: ['two'], gone: [] }, { all: ['one', 'two'] }]);
  await scene.replace();
  const status = await scene.deliver({ ...parts, links: [one, two] });
  assert.deepEqual(scene.told.at(-1), { all: ['one', 'two'] });
  assert.equal(status?.links.length, 2);
  assert.equal((await answers(one)) && (await answers(two)), true);
});

type Told =
  | { readonly all: readonly string[] }
  | { readonly links: readonly string[]; readonly gone: readonly string[] };

interface Scene {
  readonly told: Told[];
  link(id: string): Promise<GatewayLink>;
  deliver(parts: Pick<GatewaySnapshot, 'routes' | 'certificates' | 'links'>): Promise<GatewayStatus | null>;
  /** Somebody else tells the gateway something. */
  meddle(): void;
  /** Another gateway, which knows nothing, is behind the socket. */
  replace(): Promise<void>;
}

async function stage(t: TestContext): Promise<Scene> {
  const directory = mkdtempSync(join(tmpdir(), 'client-'));
  // A link that ends resets what it carried.
  const service = createServer((socket) => socket.on('error', () => undefined).end('here'));
  service.listen(0, HOST);
  await once(service, 'listening');
  t.after(() => {
    service.close();
    rmSync(directory, { recursive: true });
  });
  const told: Told[] = [];
  const socket = join(directory, 'socket');
  let served = await gatewayAt(socket, told);
  t.after(() => served.end());
  const client = new GatewayClient(socket);
  t.after(() => client.forget());
  let revision = 0;
  return {
    told,
    async link(id) {
      const upstream = { address: HOST, port: (service.address() as AddressInfo).port };
      return { id, listen: await freePlace(), upstream, enabled: true, faults: [] };
    },
    deliver(parts) {
      revision += 1;
      return client.deliver({ schema: 1, revision, ...parts });
    },
    meddle() {
      revision += 1;
      served.gateway.apply({ schema: 1, revision, routes: [], certificates: [], links: [] });
    },
    async replace() {
      await served.end();
      served = await gatewayAt(socket, told);
    },
  };
}

interface Served {
  readonly gateway: Gateway;
  end(): Promise<void>;
}

async function gatewayAt(socket: string, told: Told[]): Promise<Served> {
  const gateway = new Gateway((error) => assert.fail(String(error)));
  const server = await serveControl(socket, {
    apply: async (snapshot) => {
      told.push({ all: snapshot.links.map(({ id }) => id) });
      gateway.apply(snapshot);
      await gateway.settled();
    },
    change: (change: GatewayChange) => {
      told.push({ links: change.links.map(({ id }) => id), gone: change.gone });
      return gateway.change(change);
    },
    status: () => ({ schema: 1, version: '', build: '', pid: process.pid, started: '', ...gateway.status() }),
    metrics: () => '',
    stop: () => gateway.close(),
    end: () => undefined,
  });
  const end = async (): Promise<void> => {
    await gateway.close();
    server.closeAllConnections();
    server.close();
  };
  return { gateway, end };
}

async function freePlace(): Promise<GatewayLink['listen']> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return { address: HOST, port };
}

function answers({ listen }: GatewayLink): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(listen.port, listen.address);
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
