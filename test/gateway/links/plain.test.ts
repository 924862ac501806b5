/** A link without faults over real sockets: what passes, how it ends, and what a change of the list leaves alone. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import { freePlace, HOST, LinkRig, Peer, standsStill } from './rig.ts';

test('bytes pass both ways and are counted; the caller is named', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  caller.send('question');
  await service.hears('question');
  service.send('an answer');
  await caller.hears('an answer');
  const { bytesIn, bytesOut, connections, accepted, callers, connectMs, firstByteMs, lastError } =
    rig.statistics;
  assert.deepEqual(
    { bytesIn, bytesOut, connections, accepted },
    { bytesIn: 8, bytesOut: 9, connections: 1, accepted: 1 },
  );
  assert.deepEqual(callers, [`${HOST}:${caller.socket.localPort}`]);
  assert.ok(connectMs !== null && firstByteMs !== null && lastError === null);
  caller.socket.end();
  await service.hearsEnd();
  service.socket.end();
  await until(() => rig.statistics.connections === 0);
  assert.deepEqual(rig.statistics.callers, []);
  assert.equal(rig.links.waiting, 0);
});

test('an end of one direction is one, and the other goes on, both ways', async (t) => {
  const rig = await LinkRig.create(t);
  for (const [first, second] of [
    ['caller', 'service'],
    ['service', 'caller'],
  ] as const) {
    const pair = await rig.pair();
    pair[first].socket.end('last word');
    await pair[second].hearsEnd();
    assert.equal(pair[second].text, 'last word');
    pair[second].send('answered');
    await pair[first].hears('answered');
    pair[second].socket.end();
    await pair[first].closed();
  }
});

test('a reset is a reset on the other side, both ways', async (t) => {
  const rig = await LinkRig.create(t);
  for (const [first, second] of [
    ['caller', 'service'],
    ['service', 'caller'],
  ] as const) {
    const pair = await rig.pair();
    pair.caller.send('x');
    await pair.service.hears('x');
    pair[first].socket.resetAndDestroy();
    await pair[second].closed();
    assert.equal(pair[second].error, 'ECONNRESET');
  }
  assert.match(rig.statistics.lastError?.text ?? '', /ECONNRESET/);
});

test('who does not read stops the other side, and loses nothing', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  caller.socket.pause();
  const payload = randomBytes(30_000_000);
  service.send(payload);
  // More than the systems' buffers hold.
  assert.ok((await standsStill(() => rig.statistics.bytesOut)) < payload.length);
  caller.socket.removeAllListeners('data');
  const chunks: Buffer[] = [];
  caller.socket.on('data', (bytes: Buffer) => chunks.push(bytes));
  caller.socket.resume();
  service.socket.end();
  await caller.hearsEnd();
  assert.ok(Buffer.concat(chunks).equals(payload));
});

test('nobody behind it: the caller is reset, the error is told, and the next one gets through', async (t) => {
  const rig = await LinkRig.create(t);
  const { upstream } = rig.wish;
  await rig.change({ upstream: await freePlace() });
  const caller = rig.dial();
  await caller.closed();
  assert.equal(caller.error, 'ECONNRESET');
  assert.match(rig.statistics.lastError?.text ?? '', /ECONNREFUSED/);
  await rig.change({ upstream });
  await rig.pair();
});

test('cut while an end waits behind bytes that nobody reads: it is over at once, and no descriptor is lost', async (t) => {
  const rig = await LinkRig.create(t);
  const sockets = (): number =>
    process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
  const before = sockets();
  const { caller, service } = await rig.pair();
  caller.socket.pause();
  service.socket.end(Buffer.alloc(20_000_000));
  await until(() => rig.statistics.bytesOut > 1_000_000);
  const other = await rig.pair();
  // Both ends come and the reset follows in the same turn.
  other.caller.socket.end();
  await until(() => other.service.ended);
  await rig.change({ enabled: false });
  caller.socket.resume();
  // Node takes a reset behind bytes that wait to be read for an end (libuv, POLLHUP after a short read).
  await until(() => caller.ended || caller.error === 'ECONNRESET');
  assert.ok(caller.heard.length < 20_000_000);
  await until(() => rig.statistics.connections === 0);
  for (const peer of [caller, service, other.caller, other.service]) peer.socket.destroy();
  await until(() => sockets() <= before);
});

test('cut: open connections are reset and new ones refused; afterwards it listens at the same place', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  await rig.change({ enabled: false });
  await caller.closed();
  await service.closed();
  assert.deepEqual([caller.error, service.error], ['ECONNRESET', 'ECONNRESET']);
  await assert.rejects(rig.caller(), { code: 'ECONNREFUSED' });
  await rig.change({ enabled: true });
  await rig.pair();
});

test('cut: who reads nothing is reset at once too, whatever waits for it', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  caller.socket.pause();
  service.send(Buffer.alloc(30_000_000));
  await standsStill(() => rig.statistics.bytesOut);
  await rig.change({ enabled: false });
  await until(() => rig.statistics.connections === 0);
  await service.closed();
  assert.equal(service.error, 'ECONNRESET');
  caller.socket.resume();
  // Node takes a reset behind bytes that wait to be read for an end.
  await until(() => caller.ended || caller.error === 'ECONNRESET');
  assert.ok(caller.heard.length < 30_000_000);
});

test('without a service it does not listen, and connections that are open stay', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  await rig.change({ upstream: null });
  await assert.rejects(rig.caller(), { code: 'ECONNREFUSED' });
  assert.deepEqual([rig.statistics.listening, rig.statistics.error], [false, null]);
  caller.send('still here');
  await service.hears('still here');
});

test('links that come, go and change leave the others alone; one that goes resets its own', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  const other = { ...rig.wish, id: 'shop/web:db', listen: await freePlace() };
  rig.links.apply([other, rig.wish]);
  await rig.links.settled();
  const socket = connect(other.listen.port, other.listen.address);
  const peer = new Peer(socket);
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  rig.links.apply([{ ...rig.wish, upstream: other.listen }]);
  await peer.closed();
  assert.equal(peer.error, 'ECONNRESET');
  caller.send('unharmed');
  await service.hears('unharmed');
});

test('an address that somebody has is told as error, and taken once it is free, without being asked again', async (t) => {
  const rig = await LinkRig.create(t);
  await rig.change({ enabled: false });
  const holder = createServer();
  const { address, port } = rig.wish.listen;
  holder.listen(port, address);
  await once(holder, 'listening');
  await rig.change({ enabled: true });
  assert.deepEqual([rig.statistics.listening, rig.statistics.error], [false, 'EADDRINUSE']);
  holder.close();
  await until(() => rig.statistics.listening);
  assert.equal(rig.statistics.error, null);
  await rig.pair();
});

test('a service whose queue is full: its callers are given up after a while, and hold up nobody else', async (t) => {
  const rig = await LinkRig.create(t, [], { dialMs: 1000 });
  const { upstream } = rig.wish;
  const full = await fullQueue(t);
  await rig.change({ upstream: { address: HOST, port: full } });
  const waiting = rig.dial();
  await until(() => rig.statistics.accepted === 1);
  await rig.change({ upstream });
  const { caller, service } = await rig.pair();
  service.send('not held up');
  await caller.hears('not held up');
  await waiting.closed();
  assert.equal(waiting.error, 'ECONNRESET');
  assert.match(rig.statistics.lastError?.text ?? '', /accepted no connection within 1000 ms/);
});

/** A port whose program never accepts, and whose queue has been filled: the next connection waits for ever. */
async function fullQueue(t: TestContext): Promise<number> {
  const code = `require('node:net').createServer().listen({ port: 0, host: '${HOST}', backlog: 1 }, function () { console.log(this.address().port); })`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(line.toString());
  child.kill('SIGSTOP');
  await until(() => /^State:\s+T/m.test(readFileSync(`/proc/${child.pid}/status`, 'latin1')));
  for (;;) {
    const socket = connect(port, HOST);
    t.after(() => socket.destroy());
    // A full queue drops the first packet; who is let in is let in before the second one would be sent, after a second.
    const taken = await Promise.race([
      once(socket, 'connect').then(() => true),
      delay(500).then(() => false),
    ]);
    if (!taken) return port;
  }
}
