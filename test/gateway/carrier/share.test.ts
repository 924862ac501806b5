/** Who goes where: loads as numbers, no processes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { share } from '../../../src/gateway/carrier/share.ts';

const loads = (...all: readonly number[]): readonly { readonly load: number }[] =>
  all.map((load) => ({ load }));

/** What each place has after the moves, the gateway first. */
function after(own: readonly number[], others: readonly number[]): readonly number[] {
  const connections = loads(...own);
  const moves = share(connections, loads(...others));
  const left = connections.filter((one) => !moves.has(one)).reduce((sum, { load }) => sum + load, 0);
  const there = others.map((load, place) =>
    [...moves].filter(([, to]) => to === place).reduce((sum, [one]) => sum + one.load, load),
  );
  return [left, ...there];
}

test('equal loads are shared about equally, with one carrier and with more', () => {
  assert.deepEqual(after(Array(16).fill(1), [0]), [9, 7]);
  assert.deepEqual(after(Array(64).fill(1), [0]), [35, 29]);
  const three = after(Array(60).fill(1), [0, 0, 0]);
  assert.ok(
    three.every((load) => load >= 13 && load <= 18),
    three.join(),
  );
});

test('one connection stays: it would only be elsewhere', () => {
  assert.deepEqual(after([100], [0]), [100, 0]);
  assert.deepEqual(after([], [0]), [0, 0]);
  assert.deepEqual(after([1, 1], []), [2]);
});

test('of two that carry much one goes, and little ones make up for the difference', () => {
  assert.deepEqual(after([100, 100], [0]), [100, 100]);
  assert.deepEqual(after([100, 10, 10, 10], [0]), [30, 100]);
});

test('who has much already gets nothing more, and small differences move nothing', () => {
  assert.deepEqual(after(Array(8).fill(1), [8]), [8, 8]);
  assert.deepEqual(after(Array(9).fill(1), [7]), [9, 7]);
  assert.deepEqual(after(Array(4).fill(1), [100, 0]), [2, 100, 2]);
});

test('what carries nothing stays', () => {
  assert.equal(share(loads(0, 0, 0), loads(0)).size, 0);
});
