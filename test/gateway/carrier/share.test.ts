/** Who goes where, by numbers, without processes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share } from '../../../src/gateway/carrier/share.ts';

/** How many each has after the moves, the gateway first. */
function after(own: number, others: readonly number[]): readonly number[] {
  const moves = [
    ...share(
      Array.from({ length: own }, (_, index) => index),
      others,
    ).values(),
  ];
  return [
    own - moves.length,
    ...others.map((count, place) => count + moves.filter((to) => to === place).length),
  ];
}

test('all have as many, with one carrier and with more', () => {
  assert.deepEqual(after(16, [0]), [8, 8]);
  assert.deepEqual(after(64, [0]), [32, 32]);
  assert.deepEqual(after(2, [0]), [1, 1]);
  assert.deepEqual(after(3, [0]), [2, 1]);
  assert.deepEqual(after(60, [0, 0, 0]), [15, 15, 15, 15]);
  assert.deepEqual(after(20, [10, 0]), [10, 10, 10]);
});

test('one connection stays: it would only be elsewhere', () => {
  assert.deepEqual(after(1, [0]), [1, 0]);
  assert.deepEqual(after(0, [0]), [0, 0]);
  assert.deepEqual(after(5, []), [5]);
});

test('who has enough gets nothing more, and small differences move nothing', () => {
  assert.deepEqual(after(8, [8]), [8, 8]);
  assert.deepEqual(after(9, [7]), [9, 7]);
  assert.deepEqual(after(4, [30]), [4, 30]);
  assert.deepEqual(after(8, [7]), [8, 7]);
});

test('busy ones and others go alike, the busiest first', () => {
  assert.deepEqual([...share(['most', 'much', 'some', 'few'], [0]).keys()], ['most', 'some']);
  assert.deepEqual([...share(['most', 'much', 'few'], [0]).keys()], ['most']);
});
