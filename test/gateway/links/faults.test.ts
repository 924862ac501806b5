/** Faults over real connections: put in force, changed and taken away while bytes are under way. Times are only ever "not before". */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { Fault } from '../../../src/core/fault.ts';
import { until } from '../../support/until.ts';
import { fault, LinkRig, type Peer } from './rig.ts';

const latency = (delay: number, more: Partial<Fault> = {}): Fault =>
  fault('latency', { delay, jitter: 0, distribution: 'uniform' }, more);
/** Longer than any test: what arrives did not wait for it. */
const FOR_EVER = 3_600_000;

test('latency on an open connection: later, and at once again when it is gone', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  await rig.change({ faults: [latency(150)] });
  const began = performance.now();
  service.send('late');
  await caller.hears('late');
  assert.ok(performance.now() - began >= 149);
  await rig.change({ faults: [latency(FOR_EVER)] });
  service.send('r');
  await until(() => rig.statistics.bytesOut === 5);
  assert.equal(caller.text, 'late');
  await rig.change({ faults: [] });
  await caller.hears('later');
  assert.equal(rig.links.waiting, 0);
});

test('directions: what goes up is not touched by a fault on the way down', async (t) => {
  const rig = await LinkRig.create(t, [latency(FOR_EVER, { direction: 'down' })]);
  const { caller, service } = await rig.pair();
  caller.send('up');
  await service.hears('up');
  service.send('down');
  await until(() => rig.statistics.bytesOut === 4);
  await rig.change({ faults: [latency(FOR_EVER, { direction: 'up' })] });
  await caller.hears('down');
  caller.send('!');
  await until(() => rig.statistics.bytesIn === 3);
  assert.equal(service.text, 'up');
});

test('faults come, change, change places and go while bytes flow: all of them arrive, in order', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  const sent = createHash('sha256');
  const heard = createHash('sha256');
  caller.socket.removeAllListeners('data').on('data', (bytes: Buffer) => heard.update(bytes));
  const slices = fault('slicer', { size: 900, variation: 800, delay: 0 });
  const narrow = fault('bandwidth', { rate: 20_000_000 });
  const lists = [
    [latency(3)],
    [latency(3), narrow],
    [narrow, latency(3)],
    [narrow, slices, latency(1)],
    [slices, narrow],
    [{ ...narrow, settings: { rate: 5_000_000 } }, latency(20), slices],
    [],
  ];
  for (const faults of [...lists, ...lists]) {
    for (let count = 0; count < 10; count += 1) {
      const bytes = randomBytes(50_000);
      sent.update(bytes);
      service.socket.write(bytes);
    }
    const before = rig.statistics.bytesOut;
    await until(() => rig.statistics.bytesOut > before);
    await rig.change({ faults });
  }
  service.socket.end();
  await caller.hearsEnd();
  assert.equal(heard.digest('hex'), sent.digest('hex'));
  assert.equal(rig.links.waiting, 0);
});

test('a client that never reads does not hinder faults from coming, changing and going', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  caller.socket.pause();
  service.send(Buffer.alloc(40_000_000, 'x'));
  for (const faults of [
    [latency(1)],
    [latency(1), fault('slicer', { size: 1000, variation: 0, delay: 0 })],
    [],
  ])
    await rig.change({ faults });
  // Another one works meanwhile.
  const other = await rig.pair();
  other.service.send('alive');
  await other.caller.hears('alive');
  await rig.change({ enabled: false });
  await service.closed();
  await until(() => rig.statistics.connections === 0 && rig.links.waiting === 0);
});

test('reset: an open connection ends by RST on both sides', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  service.send('x');
  await caller.hears('x');
  await rig.change({ faults: [fault('reset', { after: 0, from: 'connect' }, { direction: 'both' })] });
  await caller.closed();
  await service.closed();
  assert.deepEqual([caller.error, service.error], ['ECONNRESET', 'ECONNRESET']);
  // What a fault does is no failure of the service.
  assert.equal(rig.statistics.lastError, null);
});

test('refuse: nobody listens for new callers, open connections stay, and it listens again afterwards', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  await rig.change({ faults: [fault('refuse', {}, { direction: 'both' })] });
  await assert.rejects(rig.caller(), { code: 'ECONNREFUSED' });
  assert.deepEqual([rig.statistics.listening, rig.statistics.error], [false, null]);
  caller.send('stays');
  await service.hears('stays');
  await rig.change({ faults: [] });
  await rig.pair();
});

test('refuse with a probability: the share of the seed is reset, always the same connections', async (t) => {
  const drawn = async (): Promise<string> => {
    const rig = await LinkRig.create(t, [fault('refuse', {}, { probability: 0.5, seed: 42 })]);
    let fates = '';
    for (let count = 0; count < 24; count += 1) {
      const caller = rig.dial();
      caller.send('hello');
      await until(() => caller.socket.destroyed || rig.services.some(({ text }) => text === 'hello'));
      fates += caller.error === null ? '.' : 'x';
      for (const { socket } of rig.services.splice(0)) socket.destroy();
      caller.socket.destroy();
    }
    return fates;
  };
  const fates = await drawn();
  assert.match(fates, /x/);
  assert.match(fates, /\./);
  assert.equal(await drawn(), fates);
});

test('stall: the service hears nothing until it is gone, and then all that was said', async (t) => {
  const rig = await LinkRig.create(t, [fault('stall', { delay: 0 })]);
  const caller = await rig.caller();
  caller.send('is anybody there');
  await until(() => rig.statistics.bytesIn === 16);
  assert.equal(rig.services.length, 0);
  await rig.change({ faults: [] });
  await (await rig.service()).hears('is anybody there');
});

test('stall for a while: the end that came meanwhile comes through too; without an end, who leaves is let go', async (t) => {
  const rig = await LinkRig.create(t, [fault('stall', { delay: 60 })]);
  const began = performance.now();
  const caller = await rig.caller();
  caller.socket.end('a question');
  const service = await rig.service();
  assert.ok(performance.now() - began >= 50);
  await service.hearsEnd();
  assert.equal(service.text, 'a question');
  service.socket.end('an answer');
  await caller.hears('an answer');
  await rig.change({ faults: [fault('stall', { delay: 0 })] });
  const leaver = await rig.caller();
  leaver.socket.end('never mind');
  await leaver.closed();
  await until(() => rig.statistics.connections === 0);
  assert.equal(rig.services.length, 1);
});

test('limit: so many bytes and a FIN, behind a latency too, while the service goes on sending', async (t) => {
  const rig = await LinkRig.create(t, [latency(20), fault('limit', { bytes: 1000 })]);
  const { caller, service } = await rig.pair();
  service.send(Buffer.alloc(5_000_000, 'x'));
  await caller.hearsEnd();
  assert.deepEqual([caller.heard.length, caller.error], [1000, null]);
  // An end where all that it sent was read, else a reset.
  await until(() => service.ended || service.socket.destroyed);
  await until(() => rig.statistics.connections === 0);
});

test('timeout: a black hole swallows and says nothing; taken away it closes what has lost bytes', async (t) => {
  const rig = await LinkRig.create(t);
  const lost = await rig.pair();
  const quiet = await rig.pair();
  await rig.change({ faults: [fault('timeout', { after: 0, clock: 'idle' })] });
  lost.service.send('gone');
  await until(() => rig.statistics.bytesOut === 4);
  await rig.change({ faults: [] });
  await lost.caller.hearsEnd();
  assert.equal(lost.caller.text, '');
  quiet.service.send('fine');
  await quiet.caller.hears('fine');
});

test('slow-close: the last byte at once, the end later', async (t) => {
  const rig = await LinkRig.create(t, [fault('slow-close', { delay: FOR_EVER })]);
  const { caller, service } = await rig.pair();
  service.socket.end('bye');
  await caller.hears('bye');
  caller.send('more');
  await service.hears('more');
  assert.equal(caller.ended, false);
  await rig.change({ faults: [] });
  await caller.hearsEnd();
});

test('corrupt: as many bytes, the same ones changed for the same seed, others for another', async (t) => {
  const heard = async (seed: number): Promise<Buffer> => {
    const rig = await LinkRig.create(t, [fault('corrupt', { share: 0.01 }, { seed })]);
    const { caller, service } = await rig.pair();
    service.socket.end(Buffer.alloc(100_000));
    await caller.hearsEnd();
    return caller.heard;
  };
  const one = await heard(1);
  assert.equal(one.length, 100_000);
  const changed = one.filter((byte) => byte !== 0).length;
  assert.ok(changed > 800 && changed < 1200, `${changed} changed`);
  assert.ok(one.equals(await heard(1)));
  assert.ok(!one.equals(await heard(2)));
});

test('a fault with a time ends by itself, and a later snapshot that still has it does not bring it back', async (t) => {
  const rig = await LinkRig.create(t);
  const { caller, service } = await rig.pair();
  const faults = [latency(FOR_EVER, { until: Date.now() + 300 })];
  await rig.change({ faults });
  service.send('x');
  await caller.hears('x');
  assert.deepEqual(rig.statistics.faults, []);
  await rig.change({ faults });
  assert.deepEqual(rig.statistics.faults, []);
  assert.equal(rig.links.waiting, 0);
});

test('probability is drawn once for a connection: a change of settings does not draw again, a change of it does', async (t) => {
  const half = latency(FOR_EVER, { probability: 0.5, seed: 5, direction: 'both' });
  const rig = await LinkRig.create(t, [half]);
  const fates = async (): Promise<string> => {
    const pairs = await Promise.all(
      callers.map(async (caller, index) => ({ caller, service: await rig.service(index) })),
    );
    const before = pairs.map(({ caller }) => caller.heard.length);
    const total = rig.statistics.bytesOut;
    for (const { service } of pairs) service.send('x');
    await until(() => rig.statistics.bytesOut === total + pairs.length);
    // All were read; those without the fault are written, and what is written arrives.
    await until(
      () => pairs.filter(({ caller }, index) => caller.heard.length > (before[index] ?? 0)).length >= free,
    );
    return pairs
      .map(({ caller }, index) => (caller.heard.length > (before[index] ?? 0) ? '.' : 'x'))
      .join('');
  };
  const callers: Peer[] = [];
  for (let count = 0; count < 16; count += 1) {
    callers.push(await rig.caller());
    await rig.service(count);
  }
  let free = 1;
  const first = await fates();
  free = first.replaceAll('x', '').length;
  assert.ok(free > 1 && free < 16, first);
  await rig.change({ faults: [{ ...half, settings: { ...half.settings, delay: FOR_EVER + 1 } }] });
  assert.equal(await fates(), first);
});
