/** What each fault does to bytes, with a clock that the test turns: exact times, exact pieces, and nothing lost when it leaves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault } from '../../../src/core/fault.ts';
import { randomFrom } from '../../../src/core/faults/random.ts';
import { FAULTS } from '../../../src/gateway/faults/all.ts';
import type { Ending, Outlet, Pipe } from '../../../src/gateway/faults/pipe.ts';

test('latency: each piece and the end arrive so much later, in their order', () => {
  const bench = new Bench('latency', { delay: 100, jitter: 0, distribution: 'uniform' });
  bench.take('a');
  bench.turn(30);
  bench.take('b');
  bench.ended();
  bench.turnTo(1000);
  assert.deepEqual(bench.log, ['100 a', '130 b', '130 half']);
});

test('latency with jitter: the same seed gives the same times, and nobody overtakes', () => {
  const run = (): readonly string[] => {
    const bench = new Bench('latency', { delay: 10, jitter: 10, distribution: 'uniform' });
    for (let index = 0; index < 100; index += 1) bench.take(String(index % 10));
    bench.turnTo(100);
    return bench.log;
  };
  assert.deepEqual(run(), run());
  assert.equal(
    run()
      .map((line) => line.at(-1))
      .join(''),
    '0123456789'.repeat(10),
  );
});

test('latency: a change is for what comes after; leaving hands on everything at once', () => {
  const bench = new Bench('latency', { delay: 100, jitter: 0, distribution: 'uniform' });
  bench.take('a');
  bench.change({ delay: 10, jitter: 0, distribution: 'uniform' });
  bench.take('b');
  bench.turnTo(50);
  assert.deepEqual(bench.log, []);
  bench.leave();
  assert.deepEqual(bench.log, ['50 a', '50 b']);
  bench.turnTo(500);
  assert.equal(bench.log.length, 2);
});

test('bandwidth: pieces of ten ms at their time, and the end behind them', () => {
  const bench = new Bench('bandwidth', { rate: 500 });
  bench.take('abcdefghijkl');
  bench.ended();
  bench.turnTo(100);
  assert.deepEqual(bench.log, ['10 abcde', '20 fghij', '24 kl', '24 half']);
});

test('bandwidth: changed and taken away while bytes wait', () => {
  const bench = new Bench('bandwidth', { rate: 500 });
  bench.take('abcdefghijklmnop');
  bench.turnTo(10);
  bench.change({ rate: 100 });
  bench.turnTo(20);
  assert.deepEqual(bench.log, ['10 abcde', '20 f']);
  bench.leave();
  assert.equal(bench.log.at(-1), '20 ghijklmnop');
});

test('slicer: pieces of the size with the pause between, none empty, all in order', () => {
  const bench = new Bench('slicer', { size: 3, variation: 0, delay: 5 });
  bench.take('abcdefgh');
  bench.ended();
  bench.turnTo(100);
  assert.deepEqual(bench.log, ['0 abc', '5 def', '10 gh', '10 half']);
  const varied = new Bench('slicer', { size: 10, variation: 9, delay: 0 });
  varied.take('x'.repeat(10_000));
  varied.turnTo(1);
  const sizes = varied.log.map((line) => line.split(' ')[1]?.length ?? 0);
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    10_000,
  );
  assert.ok(sizes.slice(0, -1).every((size) => size >= 1 && size <= 19));
  assert.ok(new Set(sizes).size > 10);
});

test('timeout: bytes vanish; the connection closes after idle time, or after the whole time', () => {
  const idle = new Bench('timeout', { after: 50, clock: 'idle' });
  idle.turnTo(40);
  idle.take('x');
  idle.turnTo(89);
  assert.deepEqual(idle.log, []);
  idle.turnTo(100);
  assert.deepEqual(idle.log, ['90 whole']);
  const total = new Bench('timeout', { after: 50, clock: 'total' });
  total.turnTo(40);
  total.take('x');
  total.turnTo(100);
  assert.deepEqual(total.log, ['50 whole']);
});

test('timeout 0: for ever, until a side ends; leaving closes what has lost bytes, and nothing else', () => {
  const black = new Bench('timeout', { after: 0, clock: 'idle' });
  black.take('x');
  black.turnTo(1e9);
  assert.deepEqual(black.log, []);
  black.leave();
  assert.deepEqual(black.log, [`${1e9} whole`]);
  const unharmed = new Bench('timeout', { after: 0, clock: 'idle' });
  unharmed.leave();
  assert.deepEqual(unharmed.log, []);
  const given = new Bench('timeout', { after: 0, clock: 'idle' });
  given.ended();
  assert.deepEqual(given.log, ['0 whole']);
});

test('reset: after its time from the start or from the first bytes; bytes pass until then', () => {
  const start = new Bench('reset', { after: 20, from: 'connect' });
  start.take('a');
  start.turnTo(100);
  assert.deepEqual(start.log, ['0 a', '20 reset']);
  const data = new Bench('reset', { after: 20, from: 'data' });
  data.turnTo(1000);
  data.take('a');
  data.turnTo(2000);
  assert.deepEqual(data.log, ['1000 a', '1020 reset']);
  const now = new Bench('reset', { after: 0, from: 'connect' });
  now.take('a');
  assert.deepEqual(now.log, ['0 reset']);
});

test('limit: so many bytes, then the end of all; a smaller one later counts what has passed', () => {
  const bench = new Bench('limit', { bytes: 5 });
  bench.take('abc');
  bench.take('defg');
  bench.take('h');
  assert.deepEqual(bench.log, ['0 abc', '0 de', '0 whole']);
  const later = new Bench('limit', { bytes: 100 });
  later.take('abc');
  later.change({ bytes: 2 });
  assert.deepEqual(later.log, ['0 abc', '0 whole']);
  const none = new Bench('limit', { bytes: 0 });
  none.change({ bytes: 0 });
  assert.deepEqual(none.log, []);
  none.take('a');
  assert.deepEqual(none.log, ['0 whole']);
});

test('slow-close: bytes at once, the end later', () => {
  const bench = new Bench('slow-close', { delay: 70 });
  bench.take('a');
  bench.ended();
  bench.turnTo(30);
  bench.change({ delay: 50 });
  bench.turnTo(100);
  assert.deepEqual(bench.log, ['0 a', '50 half']);
});

test('corrupt: one bit of each byte that is drawn, and the bytes of others are left alone', () => {
  const bench = new Bench('corrupt', { share: 1 });
  const given = Buffer.from('abcdefgh');
  bench.pipe.take(given);
  assert.equal(given.toString(), 'abcdefgh');
  const bits = [...Buffer.from(bench.log[0]?.slice(2) ?? '', 'latin1')].map((byte, index) => {
    return (byte ^ (given[index] ?? 0)).toString(2).replaceAll('0', '');
  });
  assert.deepEqual(bits, new Array(8).fill('1'));
});

test('whatever holds bytes says how many, and gives all of them up', () => {
  for (const [kind, settings] of [
    ['latency', { delay: 1000, jitter: 0, distribution: 'uniform' }],
    ['bandwidth', { rate: 1 }],
    ['slicer', { size: 10, variation: 0, delay: 1000 }],
  ] as const) {
    const bench = new Bench(kind, settings);
    while (bench.pipe.held <= bench.pipe.room) bench.take('x'.repeat(60_000));
    bench.ended();
    bench.leave();
    assert.equal(bench.pipe.held, 0, kind);
    assert.equal(bench.log.at(-1), '0 half', kind);
    bench.turnTo(100_000);
    assert.equal(bench.log.at(-1), '0 half', kind);
  }
});

/** A pipe on a bench: what it hands on is logged with the time, and time is the test's. */
class Bench implements Outlet {
  readonly log: string[] = [];
  readonly pipe: Pipe;
  #now = 0;
  #wake = Number.POSITIVE_INFINITY;

  constructor(kind: string, settings: Fault['settings']) {
    const part = FAULTS.find(({ name }) => name === kind);
    const pipe = part?.pipe?.(this, settings, randomFrom(1));
    assert.ok(pipe);
    this.pipe = pipe;
  }

  take(text: string): void {
    this.pipe.take(Buffer.from(text));
  }

  ended(): void {
    this.pipe.ended('half');
  }

  change(settings: Fault['settings']): void {
    this.pipe.change(settings);
  }

  leave(): void {
    this.pipe.flush();
    this.pipe.removed();
  }

  turn(ms: number): void {
    this.turnTo(this.#now + ms);
  }

  /** The pipe is called at each moment that it asked for, exactly then. */
  turnTo(time: number): void {
    while (this.#wake <= time) {
      this.#now = Math.max(this.#now, this.#wake);
      this.#wake = Number.POSITIVE_INFINITY;
      this.pipe.due();
    }
    this.#now = time;
  }

  now(): number {
    return this.#now;
  }

  pass(bytes: Buffer): void {
    assert.ok(bytes.length > 0, 'an empty piece');
    this.log.push(`${this.#now} ${bytes.toString('latin1')}`);
  }

  end(how: Ending): void {
    this.log.push(`${this.#now} ${how}`);
  }

  reset(): void {
    this.log.push(`${this.#now} reset`);
  }

  wake(at: number): void {
    this.#wake = at;
  }
}
