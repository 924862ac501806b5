/** The generator and what is drawn with it: the same series for the same seed, and distributions that statistics cannot fault. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawDelay } from '../../../src/core/faults/delays.ts';
import { ByteErrors } from '../../../src/core/faults/errors-in-bytes.ts';
import { randomFrom } from '../../../src/core/faults/random.ts';
import { drawSlice } from '../../../src/core/faults/slices.ts';

const DRAWS = 20_000;

test('a seed gives the same numbers for ever, and each part of it counts', () => {
  const random = randomFrom(7, 0, 1);
  assert.deepEqual(
    Array.from({ length: 4 }, () => random()),
    SERIES,
  );
  const firsts = [
    [7, 0, 1],
    [7, 1, 0],
    [8, 0, 1],
    [7, 0],
    [7 + 2 ** 33, 0, 1],
    [0, 0, 0],
  ].map((parts) => randomFrom(...parts)());
  assert.equal(new Set(firsts).size, firsts.length);
});

test('numbers are even over [0, 1): Kolmogorov and Smirnov, also across neighbouring seeds', () => {
  const random = randomFrom(1);
  const along = Array.from({ length: DRAWS }, () => random());
  const across = Array.from({ length: DRAWS }, (_, seed) => randomFrom(1, seed, 0)());
  for (const sample of [along, across]) {
    assert.ok(sample.every((value) => value >= 0 && value < 1));
    assertDistributed(sample, (value) => Math.min(1, Math.max(0, value)));
  }
});

test('delays: uniform, normal and pareto are what they are called, with the mean that was asked for', () => {
  const settings = { delay: 1000, jitter: 100 };
  const CUMULATIVE = {
    uniform: (value: number) => Math.min(1, Math.max(0, (value - 900) / 200)),
    normal: (value: number) => normalCumulative((value - 1000) / 100),
    // Shape 3; its least value is the mean less half of the scale, and its scale 100 / (sqrt(3) / 2).
    pareto: (value: number) => {
      const scale = 200 / Math.sqrt(3);
      const x = (value - 1000 + 1.5 * scale) / scale;
      return x <= 1 ? 0 : 1 - x ** -3;
    },
  };
  for (const [distribution, cumulative] of Object.entries(CUMULATIVE)) {
    const random = randomFrom(3, 1);
    const sample = Array.from({ length: DRAWS }, () => drawDelay({ ...settings, distribution }, random));
    assertDistributed(sample, cumulative);
    const mean = sample.reduce((sum, value) => sum + value, 0) / DRAWS;
    assert.ok(Math.abs(mean - 1000) < 4, `${distribution}: ${mean}`);
  }
});

test('a delay is never below 0, and is exact without jitter', () => {
  const random = randomFrom(5);
  for (const distribution of ['uniform', 'normal', 'pareto'])
    for (let index = 0; index < 1000; index += 1)
      assert.ok(drawDelay({ delay: 1, jitter: 50, distribution }, random) >= 0);
  assert.equal(drawDelay({ delay: 12.5, jitter: 0, distribution: 'normal' }, random), 12.5);
});

test('slices are even between size less and more variation: chi-squared', () => {
  const random = randomFrom(11);
  const counts = new Array<number>(21).fill(0);
  for (let index = 0; index < DRAWS; index += 1) {
    const slice = drawSlice(100, 10, random);
    counts[slice - 90] = (counts[slice - 90] ?? 0) + 1;
  }
  const expected = DRAWS / counts.length;
  const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 20 degrees of freedom: above 45.3 in one of a thousand.
  assert.ok(counts.length === 21 && chi < 45.3, `chi-squared ${chi}`);
  assert.equal(drawSlice(1, 0, random), 1);
});

test('errors in bytes: their number is binomial, their bits are even, their places do not depend on the pieces', () => {
  const places = (pieces: readonly number[]): readonly number[] => {
    const errors = new ByteErrors(0.01, randomFrom(2));
    const found: number[] = [];
    let before = 0;
    for (const piece of pieces) {
      errors.pass(piece, (index, bit) => found.push((before + index) * 8 + bit));
      before += piece;
    }
    return found;
  };
  const whole = places([1_000_000]);
  assert.deepEqual(places(Array.from({ length: 1000 }, () => 1000)), whole);
  assert.deepEqual(places([1, 999_998, 1]), whole);
  // 1,000,000 draws of 0.01: within 3.3 deviations in 999 of 1000.
  assert.ok(Math.abs(whole.length - 10_000) < 3.3 * Math.sqrt(9900), `${whole.length}`);
  const bits = new Array<number>(8).fill(0);
  for (const place of whole) bits[place % 8] = (bits[place % 8] ?? 0) + 1;
  const expected = whole.length / 8;
  // 7 degrees of freedom.
  assert.ok(bits.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0) < 24.3);
});

test('a share of 1 changes every byte, one of 0 none, and another share counts from where it is', () => {
  const count = (errors: ByteErrors): number => {
    let found = 0;
    errors.pass(1000, () => {
      found += 1;
    });
    return found;
  };
  const errors = new ByteErrors(1, randomFrom(1));
  assert.equal(count(errors), 1000);
  errors.share = 0;
  assert.equal(count(errors), 0);
  errors.share = 1;
  assert.equal(count(errors), 1000);
});

const SERIES = [0.8516908893091805, 0.32935129558697396, 0.18039607816260117, 0.28861372364573734];

/** Below 1.95 / sqrt(n) in 999 of 1000; the seeds are fixed, so it is always or never. */
function assertDistributed(sample: readonly number[], cumulative: (value: number) => number): void {
  const sorted = [...sample].sort((one, other) => one - other);
  const distance = Math.max(
    ...sorted.map((value, index) => {
      const expected = cumulative(value);
      return Math.max(expected - index / sorted.length, (index + 1) / sorted.length - expected);
    }),
  );
  assert.ok(distance < 1.95 / Math.sqrt(sorted.length), `distance ${distance}`);
}

/** Abramowitz and Stegun 7.1.26: within 1.5e-7. */
function normalCumulative(value: number): number {
  const x = Math.abs(value) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const tail =
    t *
    (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429)))) *
    Math.exp(-x * x);
  return value >= 0 ? 1 - tail / 2 : tail / 2;
}
