/** Logs that programs, people and clocks have made a mess of: everything is shown once, nothing breaks, memory stays small. */

import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { LogRig } from './log-rig.ts';

test('binary garbage, NULs, CRLF, colours, invalid and cut UTF-8', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  const follower = rig.follow(['api'], { tail: -1 });
  rig.print('api', Buffer.from([0, 0, 0x61, 0, 0x0a, 0xff, 0xfe, 0x0a]));
  rig.print('api', '\u001b[31mred\u001b[0m\r\n\r\n');
  rig.print('api', Buffer.from([0xe4, 0xb8]));
  // NULs at the very start of a log may be what is left of a hole; anywhere else they are shown.
  const expected = ['a\0', '\ufffd\ufffd', '\u001b[31mred\u001b[0m', ''];
  assert.deepEqual(await follower.take(4), expected);
  rig.print('api', Buffer.from([0xad, 0x0a]));
  assert.deepEqual(await follower.take(1), ['中']);
  assert.deepEqual(await rig.texts('api'), [...expected, '中']);
});

test('random bytes: history and follower tell the same, whatever the writes', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'start\n');
  const follower = rig.follow(['api'], { tail: -1 });
  const live: string[] = await follower.take(1);
  for (let round = 0; round < 50; round++) {
    const bytes = Buffer.from(Array.from({ length: 300 }, () => Math.floor(Math.random() * 256)));
    rig.print('api', bytes);
    rig.print('api', `\nend ${round}\n`);
    while (live.at(-1) !== `end ${round}`) live.push(...(await follower.take(1)));
  }
  assert.deepEqual(await rig.texts('api'), live);
  const raw = readFileSync(rig.file('api')).toString().split('\n').slice(0, -1);
  assert.deepEqual(
    live,
    raw.map((line) => line.replace(/\r$/, '')),
  );
});

test('one line of 50 MB: shown in pieces, from a few MB of memory', async (t) => {
  const rig = new LogRig(t, { capBytes: 200_000_000 });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'before\n');
  const file = openSync(rig.file('api'), 'a');
  for (let part = 0; part < 50; part++) writeSync(file, Buffer.alloc(1_000_000, 'x'));
  writeSync(file, '\nafter\n');
  closeSync(file);
  const before = process.memoryUsage();
  let characters = 0;
  let partial = 0;
  let whole = 0;
  let peak = 0;
  for await (const line of rig.book.read(rig.request(['api']))) {
    characters += line.text.length;
    if (line.partial === true) partial++;
    else whole++;
    const { arrayBuffers, external } = process.memoryUsage();
    peak = Math.max(peak, arrayBuffers + external - before.arrayBuffers - before.external);
  }
  assert.equal(characters, 50_000_000 + 'beforeafter'.length);
  assert.equal(whole, 3);
  assert.ok(partial > 500);
  assert.ok(peak < 40_000_000, `${peak} bytes outside the heap`);
  assert.deepEqual(await rig.texts('api', { tail: 1 }), ['after']);
  const tail = await rig.book.tail('api', 2);
  assert.deepEqual([tail.length, tail[0]?.length, tail[1]], [2, 2001, 'after']);
});

test('a slow reader costs no memory and loses nothing', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  const batches = rig.book.readBatches(rig.request(['api'], { follow: true }))[Symbol.asyncIterator]();
  rig.print('api', 'first\n');
  await batches.next();
  const before = process.memoryUsage();
  const block = `${'y'.repeat(99)}\n`.repeat(10_000);
  for (let part = 0; part < 40; part++) {
    rig.print('api', block);
    await new Promise((resolve) => setImmediate(resolve));
  }
  // By then the book has seen all of it.
  await until(() => rig.index('api').includes('t 40000006 '));
  const after = process.memoryUsage();
  const grown = after.heapUsed + after.external - before.heapUsed - before.external;
  assert.ok(grown < 15_000_000, `${grown} bytes for 40 MB that nobody has read`);
  let count = 0;
  while (count < 400_000) count += (await batches.next()).value?.length ?? 0;
  assert.equal(count, 400_000);
});

test('the clock jumps back: order stays, --since finds what came last', async (t) => {
  const rig = new LogRig(t);
  rig.time = Date.parse('2030-06-01T12:00:00Z');
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'before\n');
  await rig.read(['api']);
  rig.time = Date.parse('2030-06-01T10:00:00Z');
  rig.print('api', 'after\n');
  await rig.read(['api']);
  rig.time += 60_000;
  rig.print('api', 'later\n');
  const lines = await rig.read(['api']);
  assert.deepEqual(
    lines.map(({ text }) => text),
    ['before', 'after', 'later'],
  );
  const times = lines.map(({ at }) => at);
  assert.deepEqual(times, [...times].sort());
  assert.equal(times[1], '2030-06-01T10:00:00.000Z');
  assert.equal(times[2], '2030-06-01T10:01:00.000Z');
  assert.deepEqual(await rig.texts('api', { since: rig.time - 1000 }), ['later']);
});

test('an index that a crash has torn anywhere: the log is whole, later runs are known', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'one\n');
  await rig.read(['api']);
  const index = rig.index('api');
  for (let cut = 0; cut <= index.length; cut++) {
    rig.book.close();
    writeFileSync(`${rig.file('api')}.index`, index.slice(0, cut));
    writeFileSync(rig.file('api'), 'one\n');
    rig.crash('api');
    rig.book.runStarts('api', 'api-2');
    rig.print('api', 'two\n');
    const lines = await rig.read(['api']);
    assert.deepEqual(
      lines.map(({ text }) => text),
      ['one', 'two'],
      `cut at ${cut}`,
    );
    assert.equal(lines[1]?.run, 'api-2', `cut at ${cut}`);
  }
});

test('an index of garbage, and one that was deleted', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'one\n');
  await rig.read(['api']);
  rmSync(`${rig.file('api')}.index`);
  rig.book.runStarts('api', 'api-2');
  rig.print('api', 'two\n');
  const told = async (): Promise<unknown> => (await rig.read(['api'])).map(({ run, text }) => [run, text]);
  assert.deepEqual(await told(), [
    ['api-1', 'one'],
    ['api-2', 'two'],
  ]);
  // What was known is in the new index.
  rig.crash('api');
  assert.deepEqual(await told(), [
    ['api-1', 'one'],
    ['api-2', 'two'],
  ]);
  rig.book.close();
  const garbage = Array.from({ length: 5000 }, () => Math.floor(Math.random() * 256));
  writeFileSync(`${rig.file('api')}.index`, Buffer.from(garbage));
  rig.crash('api');
  assert.deepEqual(await rig.texts('api'), ['one', 'two']);
});

test('the index of a talkative service stays small', async (t) => {
  const rig = new LogRig(t);
  rig.time = 1_000_000_000_000;
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  for (let round = 0; round < 20_000; round++) {
    rig.time += 200;
    rig.print('api', `${round}\n`);
    if (round === 10_000) rig.book.runStarts('api', 'api-2');
    await rig.book.tail('api', 0);
  }
  assert.ok(rig.index('api').length < 400_000, `${rig.index('api').length} bytes`);
  const lines = await rig.read(['api']);
  assert.equal(lines.length, 20_000);
  for (const round of [0, 1, 4999, 9_999, 10_000, 10_001, 19_999]) {
    const line = lines[round];
    const error = Math.abs(Date.parse(line?.at ?? '') - (1_000_000_000_000 + (round + 1) * 200));
    assert.ok(error <= 30_000, `line ${round} is ${error} ms off`);
    assert.equal(line?.run, round <= 10_000 ? 'api-1' : 'api-2');
  }
  const recent = Date.parse(lines[19_000]?.at ?? '') - (1_000_000_000_000 + 19_001 * 200);
  assert.ok(Math.abs(recent) <= 400, `a recent line is ${recent} ms off`);
});

test('a log file deleted while its program runs: said so, and the next run has a file again', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  const program = openSync(rig.file('api'), 'a');
  writeSync(program, 'one\n');
  const follower = rig.follow(['api'], { tail: -1 });
  assert.deepEqual(await follower.take(1), ['one']);
  rmSync(rig.file('api'));
  await until(() => rig.warnings.length > 0);
  const [warning] = rig.warnings;
  assert.equal(warning?.code, 'LOG_UNWRITABLE');
  assert.match(warning?.text ?? '', /was deleted/);
  writeSync(program, 'lost\n');
  closeSync(program);
  assert.deepEqual(await rig.texts('api'), []);
  const start = rig.book.runStarts('api', 'api-2');
  assert.equal(start, 4);
  rig.print('api', 'two\n');
  let next = await follower.next();
  // The reader still held the deleted file and may have seen what went there.
  if (next.text === 'lost') next = await follower.next();
  assert.deepEqual([next.run, next.text, next.offset], ['api-2', 'two', 4]);
  assert.deepEqual(await rig.texts('api'), ['two']);
  rig.crash('api');
  assert.deepEqual(await rig.texts('api'), ['two']);
  assert.equal(rig.warnings.length, 1);
});

test('a log file emptied, or replaced, by a person: readers go on with what comes', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'one\ntwo\n');
  const follower = rig.follow(['api'], { tail: -1 });
  assert.deepEqual(await follower.take(2), ['one', 'two']);
  truncateSync(rig.file('api'));
  await until(() => rig.index('api').includes('f 8 '));
  rig.print('api', 'three\n');
  const three = await follower.next();
  assert.deepEqual([three.text, three.offset], ['three', 8]);
  renameSync(rig.file('api'), `${rig.file('api')}.mine`);
  writeFileSync(rig.file('api'), 'four\n');
  assert.deepEqual(await follower.take(1), ['four']);
  assert.deepEqual(await rig.texts('api'), ['four']);
  appendFileSync(rig.file('api'), 'five\n');
  assert.deepEqual(await follower.take(1), ['five']);
});
