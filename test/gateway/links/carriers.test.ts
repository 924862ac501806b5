/** Connections that other processes carry: lent and taken back while bytes flow, and ended in every way meanwhile. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { SpreadOptions } from '../../../src/gateway/carrier/spread.ts';
import { dist } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { fault, LinkRig, type Peer, standsStill } from './rig.ts';

const FOR_EVER = 3_600_000;
const held = fault('latency', { delay: FOR_EVER, jitter: 0, distribution: 'uniform' }, { direction: 'both' });
const gentle = fault('latency', { delay: 2, jitter: 0, distribution: 'uniform' }, { direction: 'both' });

test('moved to a carrier and back while bytes flow both ways: all of them arrive, in order, and are counted', async (t) => {
  const { rig, pairs } = await carried(t, 3);
  const flows = pairs.flatMap(({ caller, service }) => [
    new Flow(caller, service),
    new Flow(service, caller),
  ]);
  for (let round = 0; round < 4; round += 1) {
    await rig.change({ faults: [gentle] });
    assert.equal(lent(rig), 0);
    await rig.change({ faults: [] });
    await carry(rig, pairs.length);
    const before = flows.map(({ heard }) => heard);
    await until(() => flows.every(({ heard }, index) => heard > (before[index] ?? 0) + 500_000));
  }
  for (const flow of flows) flow.finish();
  await Promise.all(flows.map((flow) => flow.arrived()));
  await until(() => rig.statistics.connections === 0);
  const [up, down] = [0, 1].map((way) => flows.filter((_, index) => index % 2 === way));
  // One byte each way from before.
  assert.equal(rig.statistics.bytesIn, sum(up) + pairs.length);
  assert.equal(rig.statistics.bytesOut, sum(down) + pairs.length);
  assert.deepEqual([lent(rig), rig.links.waiting], [0, 0]);
});

test('a fault that is added meets a connection that is carried elsewhere, as soon as it is said to be there', async (t) => {
  const { rig, pairs } = await carried(t, 2);
  await rig.change({ faults: [held] });
  for (const { caller, service } of pairs) {
    caller.send('up');
    service.send('down');
  }
  await until(() => rig.statistics.bytesIn === 2 + 4 && rig.statistics.bytesOut === 2 + 8);
  assert.ok(pairs.every(({ caller, service }) => caller.text === 'x' && service.text === 'x'));
  await rig.change({ faults: [] });
  for (const { caller, service } of pairs) {
    await caller.hears('xdown');
    await service.hears('xup');
  }
});

test('who does not read gets all of it, though another process has it half written when it is taken back', async (t) => {
  const { rig, pairs } = await carried(t, 1);
  const [pair] = pairs as [Pair];
  pair.caller.socket.pause();
  const payload = randomBytes(30_000_000);
  pair.service.send(payload);
  await standsStill(() => rig.statistics.bytesOut);
  assert.ok(rig.statistics.bytesOut < payload.length);
  assert.equal(lent(rig), 1);
  await rig.change({ faults: [gentle] });
  assert.equal(lent(rig), 0);
  pair.caller.socket.removeAllListeners('data');
  const chunks: Buffer[] = [];
  pair.caller.socket.on('data', (bytes: Buffer) => chunks.push(bytes));
  pair.service.socket.end();
  pair.caller.socket.resume();
  await pair.caller.hearsEnd();
  assert.ok(Buffer.concat(chunks).equals(payload));
  assert.equal(rig.statistics.bytesOut, payload.length + 1);
});

test('an end of one direction is one, and the other goes on, both ways', async (t) => {
  for (const [first, second] of WAYS) {
    const { rig, pairs } = await carried(t, 1);
    const [pair] = pairs as [Pair];
    pair[first].socket.end('last word');
    await pair[second].hearsEnd();
    assert.equal(pair[second].text, 'xlast word');
    pair[second].send('answered');
    await pair[first].hears('xanswered');
    pair[second].socket.end();
    await pair[first].closed();
    assert.equal(pair[first].error, null);
    await until(() => rig.statistics.connections === 0);
    const counts = [rig.statistics.bytesIn, rig.statistics.bytesOut];
    assert.deepEqual(counts, first === 'caller' ? [10, 9] : [9, 10]);
  }
});

test('a reset is a reset on the other side, both ways, and the service is told as the one that failed', async (t) => {
  for (const [first, second] of WAYS) {
    const { rig, pairs } = await carried(t, 1);
    const [pair] = pairs as [Pair];
    pair[first].socket.resetAndDestroy();
    await pair[second].closed();
    assert.equal(pair[second].error, 'ECONNRESET');
    assert.equal(rig.statistics.lastError?.text, first === 'service' ? 'ECONNRESET' : undefined);
    await until(() => rig.statistics.connections === 0 && lent(rig) === 0);
  }
});

test('cut: what is carried elsewhere is reset too, also behind bytes that nobody reads', async (t) => {
  const { rig, pairs } = await carried(t, 2);
  const [stuck, other] = pairs as [Pair, Pair];
  stuck.caller.socket.pause();
  stuck.service.send(Buffer.alloc(20_000_000));
  await standsStill(() => rig.statistics.bytesOut);
  await rig.change({ enabled: false });
  await until(() => rig.statistics.connections === 0 && lent(rig) === 0);
  for (const peer of [other.caller, other.service, stuck.service]) {
    await peer.closed();
    assert.equal(peer.error, 'ECONNRESET');
  }
  stuck.caller.socket.resume();
  await until(() => stuck.caller.ended || stuck.caller.error === 'ECONNRESET');
  assert.ok(stuck.caller.heard.length < 20_000_000);
});

test('a carrier that is killed takes its connections along and nothing else; another one comes', async (t) => {
  const { rig, pairs, reports } = await carried(t, 2);
  const [pid = 0] = pids(rig);
  process.kill(pid, 'SIGKILL');
  for (const { caller, service } of pairs) {
    await caller.closed();
    await service.closed();
    assert.deepEqual([caller.error, service.error], ['ECONNRESET', 'ECONNRESET']);
  }
  assert.match(rig.statistics.lastError?.text ?? '', /the process that carried it ended/);
  assert.match(String(reports[0]), new RegExp(`carrier ${pid} ended`));
  await until(() => rig.statistics.connections === 0);
  await talking(rig);
  await carry(rig, 1);
  assert.ok(!pids(rig).includes(pid));
});

test('a carrier that hangs is ended when a fault waits for its connections, and nobody waits for ever', async (t) => {
  const { rig, pairs } = await carried(t, 2, { patienceMs: 200 });
  const [pid = 0] = pids(rig);
  process.kill(pid, 'SIGSTOP');
  await rig.change({ faults: [gentle] });
  assert.equal(lent(rig), 0);
  for (const { caller } of pairs) {
    await caller.closed();
    assert.equal(caller.error, 'ECONNRESET');
  }
  await until(() => existsSync(`/proc/${pid}`) === false);
});

test('only a busy process has carriers; when there is little to do the connections come home and the carrier ends', async (t) => {
  const { rig } = await spreading(t, { when: 'busy', quietMs: 200 });
  const pairs: Pair[] = [];
  for (let count = 0; count < 8; count += 1) pairs.push(await talking(rig));
  // All of it in this process: that is what makes it busy.
  let isOver = false;
  for (const { caller, service } of pairs) {
    service.socket.removeAllListeners('data').on('data', (bytes: Buffer) => service.send(bytes));
    caller.socket.removeAllListeners('data').on('data', (bytes: Buffer) => {
      if (!isOver) caller.send(bytes);
    });
    caller.send('ping');
  }
  await carry(rig, 1, 60_000);
  assert.ok(lent(rig) < pairs.length, 'some stay');
  const [pid] = pids(rig);
  isOver = true;
  await until(() => lent(rig) === 0 && pids(rig).length === 0, 60_000);
  assert.ok(!existsSync(`/proc/${pid}`));
  for (const { caller, service } of pairs) {
    service.socket.removeAllListeners('data');
    caller.socket.removeAllListeners('data');
    const heard = new Promise((resolve) => caller.socket.once('data', resolve));
    service.send('still here');
    await heard;
  }
});

test('what stays: a connection that ended one way, and all of a link with a fault', async (t) => {
  const { rig } = await spreading(t);
  const half = await talking(rig);
  half.caller.socket.end();
  await half.service.hearsEnd();
  const whole = await talking(rig);
  await carry(rig, 1);
  half.service.socket.end();
  await half.caller.closed();
  await rig.change({ faults: [gentle] });
  const slow = await talking(rig);
  rig.links.sweep(performance.now());
  slow.caller.send('!');
  await slow.service.hears('x!');
  assert.equal(lent(rig), 0);
  whole.caller.send('!');
  await whole.service.hears('x!');
});

interface Pair {
  readonly caller: Peer;
  readonly service: Peer;
}

interface Spreading {
  readonly rig: LinkRig;
  readonly reports: readonly unknown[];
}

const WAYS = [
  ['caller', 'service'],
  ['service', 'caller'],
] as const;

async function spreading(t: TestContext, options: Partial<SpreadOptions> = {}): Promise<Spreading> {
  const reports: unknown[] = [];
  const spread: SpreadOptions = {
    program: join(dist, 'carrier.js'),
    most: 1,
    when: 'always',
    report: (error) => reports.push(error),
    ...options,
  };
  const rig = await LinkRig.create(t, [], { spread });
  return { rig, reports };
}

/** So many connections, each of which another process carries. */
async function carried(
  t: TestContext,
  count: number,
  options: Partial<SpreadOptions> = {},
): Promise<Spreading & { readonly pairs: readonly Pair[] }> {
  const { rig, reports } = await spreading(t, options);
  const pairs: Pair[] = [];
  for (let index = 0; index < count; index += 1) pairs.push(await talking(rig));
  await carry(rig, count);
  return { rig, reports, pairs };
}

/** A connection that has carried a byte each way. */
async function talking(rig: LinkRig): Promise<Pair> {
  const pair = await rig.pair();
  pair.caller.send('x');
  pair.service.send('x');
  await pair.service.hears('x');
  await pair.caller.hears('x');
  return pair;
}

/** Resolves when at least so many are carried elsewhere. */
async function carry(rig: LinkRig, count: number, withinMs?: number): Promise<void> {
  await until(() => {
    rig.links.sweep(performance.now());
    return lent(rig) >= count;
  }, withinMs);
}

function lent(rig: LinkRig): number {
  return rig.links.carriers.reduce((all, { connections }) => all + connections, 0);
}

function pids(rig: LinkRig): readonly number[] {
  return rig.links.carriers.flatMap(({ pid }) => pid ?? []);
}

function sum(flows: readonly Flow[] = []): number {
  return flows.reduce((all, { heard }) => all + heard, 0);
}

/** Random bytes one way until it is told to finish. */
class Flow {
  heard = 0;
  readonly #from: Peer;
  readonly #to: Peer;
  readonly #sent = createHash('sha256');
  readonly #got = createHash('sha256');
  #finishing = false;

  constructor(from: Peer, to: Peer) {
    this.#from = from;
    this.#to = to;
    to.socket.removeAllListeners('data').on('data', (bytes: Buffer) => {
      this.#got.update(bytes);
      this.heard += bytes.length;
    });
    this.#send();
  }

  finish(): void {
    this.#finishing = true;
  }

  async arrived(): Promise<void> {
    await this.#to.hearsEnd();
    assert.equal(this.#got.digest('hex'), this.#sent.digest('hex'));
  }

  #send(): void {
    const { socket } = this.#from;
    if (this.#finishing) {
      socket.end();
      return;
    }
    const bytes = randomBytes(1 + Math.floor(Math.random() * 60_000));
    this.#sent.update(bytes);
    if (socket.write(bytes)) setImmediate(() => this.#send());
    else socket.once('drain', () => this.#send());
  }
}
