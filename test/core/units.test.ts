/** Durations and sizes as people write them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDuration, formatSize, parseDuration, parseSize } from '../../src/core/units.ts';

test('durations are read to milliseconds', () => {
  const cases: Record<string, number | undefined> = {
    '250ms': 250,
    '5s': 5000,
    '0.5s': 500,
    '2m': 120_000,
    '1h': 3_600_000,
    '0s': 0,
    '5': undefined,
    s: undefined,
    '5 s': undefined,
    '-5s': undefined,
    '5S': undefined,
    '5s ': undefined,
    '1m30s': undefined,
    '.5s': undefined,
    '1e3s': undefined,
    '': undefined,
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(parseDuration(text), expected, text);
});

test('sizes are read to bytes, by thousands and by 1024', () => {
  const cases: Record<string, number | undefined> = {
    '1B': 1,
    '64KB': 64_000,
    '10MB': 10_000_000,
    '1.5GB': 1_500_000_000,
    '1KiB': 1024,
    '10MiB': 10 * 1024 ** 2,
    '2GiB': 2 * 1024 ** 3,
    '64kb': undefined,
    '64K': undefined,
    '64': undefined,
    '': undefined,
  };
  for (const [text, expected] of Object.entries(cases)) assert.equal(parseSize(text), expected, text);
});

test('durations are shown short', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0ms'],
    [-5, '0ms'],
    [999.4, '999ms'],
    [1000, '1.0s'],
    [9940, '9.9s'],
    [12_400, '12s'],
    [125_000, '2m05s'],
    [3_600_000, '1h00m'],
    [3 * 24 * 3_600_000, '3d'],
  ];
  for (const [ms, expected] of cases) assert.equal(formatDuration(ms), expected);
});

test('rounding a duration never shows sixty seconds', () => {
  for (const ms of [59_400, 59_500, 59_999, 119_600, 3_599_900])
    assert.doesNotMatch(formatDuration(ms), /60/);
});

test('sizes are shown by thousands', () => {
  assert.equal(formatSize(0), '0 B');
  assert.equal(formatSize(999), '999 B');
  assert.equal(formatSize(1500), '1.5 KB');
  assert.equal(formatSize(5_000_000), '5.0 MB');
});
