/** The agenda, what is held until its time, and the line of a given rate: exact times, with a clock that the test turns. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Agenda, type Entry } from '../../../src/core/faults/agenda.ts';
import { Held } from '../../../src/core/faults/held.ts';
import { Line } from '../../../src/core/faults/line.ts';
import { randomFrom } from '../../../src/core/faults/random.ts';

test('an agenda gives the earliest first, whatever is entered, moved and dropped', () => {
  const random = randomFrom(1);
  const agenda = new Agenda<Entry>();
  const entries = Array.from({ length: 200 }, (): Entry => ({ slot: -1, at: 0 }));
  const expected = new Map<Entry, number>();
  for (let step = 0; step < 20_000; step += 1) {
    const entry = entries[Math.floor(random() * entries.length)] as Entry;
    const at = Math.floor(random() * 1000);
    if (random() < 0.6) {
      agenda.put(entry, at);
      expected.set(entry, at);
    } else if (random() < 0.7) {
      agenda.drop(entry);
      expected.delete(entry);
    } else {
      const first = agenda.take(at);
      const earliest = Math.min(Number.POSITIVE_INFINITY, ...expected.values());
      assert.equal(first === null, earliest > at);
      if (first !== null) {
        assert.equal(expected.get(first), earliest);
        expected.delete(first);
      }
    }
    assert.equal(agenda.size, expected.size);
    assert.equal(agenda.next, Math.min(Number.POSITIVE_INFINITY, ...expected.values()));
  }
});

test('what is held is let go in its order: an earlier time behind a later one waits for it', () => {
  const held = new Held<string>();
  held.put('a', 1, 100);
  held.put('b', 2, 50);
  held.put('c', 3, 120);
  assert.deepEqual([held.size, held.next], [6, 100]);
  assert.equal(held.take(99.9), undefined);
  assert.deepEqual([held.take(100), held.take(100), held.take(100)], ['a', 'b', undefined]);
  assert.deepEqual([held.next, held.take(Number.POSITIVE_INFINITY), held.empty], [120, 'c', true]);
  // Nothing is left of the times before.
  held.put('d', 1, 10);
  assert.equal(held.next, 10);
});

test('a queue that never runs empty gives its memory back', () => {
  const held = new Held<number>();
  for (let index = 0; index < 50_000; index += 1) {
    held.put(index, 1, index);
    if (index > 10) assert.equal(held.take(Number.POSITIVE_INFINITY), index - 11);
  }
  assert.equal(held.size, 11);
});

test('a line passes bytes by its own clock: late looks do not add up, idle time is not saved', () => {
  const line = new Line(1000, 0);
  line.begin(0);
  assert.deepEqual([line.ready(0), line.ready(9.9), line.ready(10)], [0, 9, 10]);
  assert.equal(line.when(10), 10);
  line.sent(10);
  // 7 ms late: the bytes of that time are ready too.
  assert.equal(line.ready(27), 17);
  line.sent(17);
  assert.equal(line.when(1), 28);
  line.begin(500);
  assert.equal(line.ready(501), 1);
  line.change(10_000, 501);
  assert.deepEqual([line.ready(501), line.ready(502)], [0, 10]);
});

test('a million bytes at a megabyte a second take a second, however unevenly it is looked at', () => {
  const random = randomFrom(9);
  const line = new Line(1_000_000, 0);
  line.begin(0);
  let sent = 0;
  let now = 0;
  while (sent < 1_000_000) {
    now += random() * 20;
    const ready = Math.min(line.ready(now), 1_000_000 - sent);
    line.sent(ready);
    sent += ready;
  }
  assert.ok(now >= 1000 && now < 1020, `${now} ms`);
  assert.ok(Math.abs(line.when(0) - 1000) < 0.01);
});
