/** Links in the gateway's own process: killed under load, with old snapshots, with very many connections, with very many links. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { GatewayLink, LinkPlace } from '../../../src/core/link.ts';
import { until } from '../../support/until.ts';
import { GatewayProcess, isGone } from './gateway-process.ts';
import { freePlace, HOST, listening, portOf } from './rig.ts';

test('SIGKILL under load: callers are cut off, and the next gateway has the link at the same address', async (t) => {
  const { gateway, link } = await serving(t);
  const callers = Array.from({ length: 20 }, () => dial(t, link.listen));
  // Bytes are under way on each of them.
  for (const { socket } of callers) socket.write(Buffer.alloc(300_000));
  await until(() => callers.every(({ heard }) => heard() > 0));
  await gateway.kill();
  await Promise.all(callers.map(({ closed }) => closed));
  await gateway.start();
  const caller = dial(t, link.listen);
  caller.socket.end('again');
  await until(() => caller.heard() === 5);
  const [told] = (await gateway.status()).links;
  assert.deepEqual([told?.id, told?.listening, told?.bytesIn], [link.id, true, 5]);
  assert.match(
    await gateway.metrics(),
    /^loopyard_link_bytes_total\{link="shop\/api:db",direction="up"\} 5$/m,
  );
});

test('with carriers: killed or ended, the gateway leaves none of them behind, and no connection', async (t) => {
  const { gateway, link } = await serving(t, { LOOPYARD_CARRIERS: 'always' });
  for (const how of ['kill', 'end'] as const) {
    const callers = Array.from({ length: 12 }, () => dial(t, link.listen));
    for (const { socket } of callers) socket.write('ping');
    const pids = await carriersOf(gateway, callers.length);
    // Bytes are under way on each of them, by way of carriers.
    for (const { socket } of callers) socket.write(Buffer.alloc(300_000));
    await until(() => callers.every(({ heard }) => heard() > 4));
    await gateway[how]();
    await Promise.all(callers.map(({ closed }) => closed));
    await until(() => pids.every(isGone));
    if (how === 'kill') await gateway.start({ LOOPYARD_CARRIERS: 'always' });
  }
});

test('with carriers: counts are whole when connections have ended, in every figure that is told', async (t) => {
  const { gateway, link } = await serving(t, { LOOPYARD_CARRIERS: 'always' });
  const callers = Array.from({ length: 6 }, () => dial(t, link.listen));
  for (const { socket } of callers) socket.write('ping');
  await carriersOf(gateway, callers.length);
  for (const { socket } of callers) socket.end(Buffer.alloc(100_000));
  await Promise.all(callers.map(({ closed }) => closed));
  assert.ok(callers.every(({ heard }) => heard() === 100_004));
  await until(async () => (await gateway.status()).links[0]?.connections === 0);
  const { links, carriers } = await gateway.status();
  assert.deepEqual([links[0]?.bytesIn, links[0]?.bytesOut, links[0]?.accepted], [600_024, 600_024, 6]);
  assert.ok(carriers.every(({ connections }) => connections === 0));
  const lines = ['up', 'down'].map(
    (way) => `loopyard_link_bytes_total{link="shop/api:db",direction="${way}"} 600024`,
  );
  const metrics = await gateway.metrics();
  assert.ok(lines.every((line) => metrics.split('\n').includes(line)));
});

test('LOOPYARD_CARRIERS=off, and a gateway that is not busy: one process', async (t) => {
  for (const variables of [{ LOOPYARD_CARRIERS: 'off' }, {}]) {
    const { gateway, link } = await serving(t, variables);
    const caller = dial(t, link.listen);
    caller.socket.write('ping');
    await until(() => caller.heard() === 4);
    assert.deepEqual((await gateway.status()).carriers, []);
  }
});

test('a snapshot that knows no links is read; one that comes is in force when it is answered; an older one is not', async (t) => {
  const gateway = GatewayProcess.create(t);
  gateway.write({ schema: 1, revision: 1, routes: [], certificates: [] });
  await gateway.start();
  assert.deepEqual((await gateway.status()).links, []);
  const link = await linkTo(await echoing(t));
  const old = gateway.snapshot([]);
  const { links } = await gateway.apply(gateway.snapshot([link]));
  assert.deepEqual(
    links.map(({ id, listening }) => [id, listening]),
    [[link.id, true]],
  );
  assert.equal((await gateway.apply(old)).links.length, 1);
  const caller = dial(t, link.listen);
  caller.socket.write('x');
  await until(() => caller.heard() === 1);
});

test('5,000 connections on one link: each is answered, and all are gone afterwards', async (t) => {
  if (descriptors() < 12_000) return t.skip('fewer than 12,000 files may be open here');
  const { gateway, link } = await serving(t);
  const before = gateway.memory();
  const callers: Caller[] = [];
  for (let count = 0; count < 50; count += 1) {
    const more = Array.from({ length: 100 }, () => dial(t, link.listen));
    for (const { socket } of more) socket.write('ping');
    // Not more at once than fit into the queue of a service that is busy.
    await until(() => more.every(({ heard }) => heard() === 4), 60_000);
    callers.push(...more);
  }
  const { links } = await gateway.status();
  assert.deepEqual([links[0]?.connections, links[0]?.callers.length], [5000, 1000]);
  t.diagnostic(`${((gateway.memory() - before) / 5000).toFixed(1)} KB for each connection`);
  for (const { socket } of callers) socket.destroy();
  await until(async () => (await gateway.status()).links[0]?.connections === 0, 60_000);
});

test('600 links in one gateway: all listen and answer', async (t) => {
  const service = await echoing(t);
  const first = await linkTo(service);
  const gateway = GatewayProcess.create(t);
  gateway.write(gateway.snapshot([]));
  await gateway.start();
  const before = gateway.memory();
  // One port on many addresses of a block that no other test file uses: 127.x of this process.
  const [, block = '0', third = '0'] = first.listen.address.split('.');
  const links = Array.from({ length: 600 }, (_, index): GatewayLink => {
    const address = `127.${block}.${(Number(third) + Math.floor(index / 250)) % 256}.${1 + (index % 250)}`;
    return { ...first, id: `many/s${index}:db`, listen: { address, port: first.listen.port } };
  });
  const status = await gateway.apply(gateway.snapshot(links));
  assert.deepEqual(
    status.links.filter(({ listening }) => !listening),
    [],
  );
  const grown = gateway.memory() - before;
  t.diagnostic(`${(grown / 600).toFixed(1)} KB for each link`);
  assert.ok(grown < 600 * 500, `${grown} KB for 600 links`);
  const callers = links.map(({ listen }) => dial(t, listen));
  for (const { socket } of callers) socket.write('ping');
  await until(() => callers.every(({ heard }) => heard() === 4), 60_000);
});

interface Caller {
  readonly socket: Socket;
  readonly closed: Promise<unknown>;
  heard(): number;
}

function dial(t: TestContext, { address, port }: LinkPlace): Caller {
  const socket = connect(port, address);
  let heard = 0;
  socket.on('data', (bytes: Buffer) => {
    heard += bytes.length;
  });
  // How it ended is told by `closed`.
  socket.on('error', () => undefined);
  t.after(() => socket.destroy());
  return {
    socket,
    closed: new Promise((resolve) => socket.once('close', resolve)),
    heard: () => heard,
  };
}

/** The carriers once so many connections are theirs. */
async function carriersOf(gateway: GatewayProcess, count: number): Promise<readonly number[]> {
  let pids: readonly number[] = [];
  await until(async () => {
    const { carriers } = await gateway.status();
    pids = carriers.flatMap(({ pid }) => pid ?? []);
    return carriers.reduce((all, { connections }) => all + connections, 0) === count;
  });
  return pids;
}

async function serving(
  t: TestContext,
  variables: NodeJS.ProcessEnv = {},
): Promise<{ readonly gateway: GatewayProcess; readonly link: GatewayLink }> {
  const link = await linkTo(await echoing(t));
  const gateway = GatewayProcess.create(t);
  gateway.write(gateway.snapshot([link]));
  await gateway.start(variables);
  await until(async () => (await gateway.status()).links[0]?.listening === true);
  return { gateway, link };
}

async function linkTo(service: Server): Promise<GatewayLink> {
  const upstream = { address: HOST, port: portOf(service) };
  return { id: 'shop/api:db', listen: await freePlace(), upstream, enabled: true, faults: [] };
}

async function echoing(t: TestContext): Promise<Server> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  await listening(server);
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return server;
}

/** Infinity where it is not told. */
function descriptors(): number {
  const soft = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return soft === undefined ? Number.POSITIVE_INFINITY : Number(soft);
}
