/** When small writes leave: at once while they are few, at the end of the turn while they are many, and never too late. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turn } from '../../../src/gateway/sockets/turn.ts';

test('writes that come one in a turn leave at once, and the loop is hardly asked for its turns', () => {
  const loop = new Loop();
  for (let turn = 0; turn < 1000; turn += 1) {
    assert.equal(loop.writes(1), 0);
    loop.ends();
  }
  assert.equal(loop.flushed, 0);
  assert.ok(loop.asked <= 2 * (1000 / 64) + 2, `asked ${loop.asked} times`);
});

test('writes that are many in a turn leave at its end, each once and in their order', () => {
  const loop = crowded();
  assert.equal(loop.writes(10), 10);
  assert.equal(loop.flushed, 0);
  loop.ends();
  assert.deepEqual(loop.order, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  loop.ends();
  assert.equal(loop.flushed, 10);
});

test('in a long turn the first do not wait for the last', () => {
  const loop = crowded();
  loop.writes(100);
  assert.ok(loop.flushed > 60 && loop.flushed < 100, `${loop.flushed}`);
  loop.ends();
  assert.equal(loop.flushed, 100);
});

test('what is written while others leave is for the end of the next turn', () => {
  const loop = crowded();
  loop.meanwhile = () => loop.writes(1);
  loop.writes(3);
  loop.ends();
  assert.equal(loop.flushed, 3);
  loop.meanwhile = () => undefined;
  loop.ends();
  assert.equal(loop.flushed, 6);
});

test('when they become few again none waits, and a short pause does not count', () => {
  const loop = crowded();
  for (let turn = 0; turn < 10; turn += 1) {
    assert.equal(loop.writes(1), 1);
    loop.ends();
  }
  loop.writes(5);
  loop.ends();
  for (let turn = 0; turn < 40; turn += 1) {
    loop.writes(1);
    loop.ends();
  }
  assert.equal(loop.writes(1), 0);
  assert.equal(loop.left, 0);
});

/** Turns are ended by hand. */
class Loop {
  asked = 0;
  readonly order: number[] = [];
  meanwhile: () => void = () => undefined;
  readonly #calls: (() => void)[] = [];
  readonly #turn = new Turn((call) => {
    this.asked += 1;
    this.#calls.push(call);
  });

  /** How many of them wait. */
  writes(count: number): number {
    let waiting = 0;
    for (let index = 0; index < count; index += 1) {
      const flush = (): void => {
        this.order.push(index);
        this.meanwhile();
      };
      if (this.#turn.hold({ flush })) waiting += 1;
    }
    return waiting;
  }

  ends(): void {
    for (const call of this.#calls.splice(0)) call();
  }

  get flushed(): number {
    return this.order.length;
  }

  get left(): number {
    return this.#calls.length;
  }
}

/** It has seen many writes in its turns. */
function crowded(): Loop {
  const loop = new Loop();
  for (let turn = 0; turn < 40; turn += 1) {
    loop.writes(4);
    loop.ends();
  }
  loop.order.length = 0;
  return loop;
}
