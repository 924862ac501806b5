/** Times of lines from time marks, also when the clock was set. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Mark, TimeScale } from '../../src/supervisor/logs/time-scale.ts';

const marks = (...pairs: readonly (readonly [number, number])[]): Mark[] =>
  pairs.map(([offset, at]) => ({ offset, at }));

test('between marks while the log grew steadily: in proportion', () => {
  const scale = new TimeScale(marks([0, 1000], [100, 2000]), 0);
  assert.deepEqual(
    [0, 25, 99, 100, 500].map((offset) => scale.at(offset)),
    [1000, 1250, 1990, 2000, 2000],
  );
});

test('after a time of quiet: the time when it spoke again', () => {
  const scale = new TimeScale(marks([0, 1000], [100, 1200], [100, 90_000], [200, 90_100]), 0);
  assert.equal(scale.at(99), 1198);
  assert.equal(scale.at(100), 90_000);
  const gap = new TimeScale(marks([0, 1000], [100, 90_000]), 0);
  assert.equal(gap.at(99), 1000);
});

test('no marks, or an offset before the first', () => {
  assert.equal(new TimeScale([], 77).at(5), 77);
  assert.equal(new TimeScale(marks([100, 5000]), 77).at(5), 5000);
});

test('questions in any order get the same answers', () => {
  const many = Array.from({ length: 500 }, (_, index) => ({ offset: index * 10, at: index * 100 }));
  const scale = new TimeScale(many, 0);
  for (let round = 0; round < 2000; round++) {
    const offset = Math.floor(Math.random() * 4990);
    assert.equal(scale.at(offset), offset * 10);
  }
});

test('a clock that was set back: times never fall, and the newest are right', () => {
  const scale = new TimeScale(marks([0, 1000], [100, 9_000_000], [200, 2000], [300, 3000]), 0);
  const times = [0, 50, 100, 150, 200, 250, 300].map((offset) => scale.at(offset));
  assert.deepEqual(
    times,
    [...times].sort((one, other) => one - other),
  );
  assert.equal(scale.at(250), 2500);
  assert.equal(scale.at(100), 2000);
  assert.ok(scale.from(2500) <= 200);
});

test('since: nothing at or after the time lies before the offset', () => {
  for (let round = 0; round < 200; round++) {
    let offset = 0;
    let at = 0;
    const random = Array.from({ length: 20 }, () => {
      offset += Math.floor(Math.random() * 3) * 10;
      at += Math.floor(Math.random() * 4000) - 1000;
      return { offset, at };
    });
    const scale = new TimeScale(random, 0);
    const since = Math.floor(Math.random() * 40_000);
    const from = scale.from(since);
    for (let before = 0; before < from; before++) assert.ok(scale.at(before) < since);
  }
});
