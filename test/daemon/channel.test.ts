/** The stream between the engine and its readers. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Channel } from '../../src/daemon/channel.ts';

test('what is pushed is read in order, then the end', async () => {
  const channel = new Channel<number>();
  channel.push(1);
  const second = (async () => {
    const read: number[] = [];
    for await (const item of channel) read.push(item);
    return read;
  })();
  channel.push(2);
  channel.end();
  assert.deepEqual(await second, [1, 2]);
});

test('a reader that leaves while nothing happens is noticed at once', async () => {
  const channel = new Channel<number>();
  let left = 0;
  channel.onLeave(() => {
    left += 1;
  });
  const waiting = channel.next();
  await channel.return();
  assert.deepEqual(await waiting, { value: undefined, done: true });
  assert.equal(left, 1);
  channel.push(1);
  assert.equal((await channel.next()).done, true);
});

test('an orderly end is no leave', async () => {
  const channel = new Channel<number>();
  channel.onLeave(() => assert.fail('nobody left'));
  channel.end();
  await channel.return();
});

test('a failure is thrown once, after what was pushed before', async () => {
  const channel = new Channel<number>();
  channel.push(1);
  channel.fail(new Error('broken'));
  assert.deepEqual(await channel.next(), { value: 1, done: false });
  await assert.rejects(channel.next(), /broken/);
  assert.equal((await channel.next()).done, true);
});

test('a reader that does not keep up is dropped, and told as one that left', () => {
  const channel = new Channel<number>();
  let left = false;
  channel.onLeave(() => {
    left = true;
  });
  for (let index = 0; index < 30_000; index += 1) channel.push(index);
  assert.equal(left, true);
  assert.equal(channel.open, false);
});
