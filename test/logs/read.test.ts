/** Reading logs: what was written, once each, in order, with its run; then what is written from there on, over restarts. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { LogRig } from './log-rig.ts';

test('lines with service, run, time, offset and text', async (t) => {
  const rig = new LogRig(t);
  rig.time = 1_700_000_000_000;
  rig.open('api');
  assert.equal(rig.book.runStarts('api', 'api-1'), 0);
  rig.print('api', 'one\ntwo\n');
  const at = '2023-11-14T22:13:20.000Z';
  assert.deepEqual(await rig.read(['api']), [
    { service: 'api', run: 'api-1', at, offset: 0, text: 'one' },
    { service: 'api', run: 'api-1', at, offset: 4, text: 'two' },
  ]);
});

test('a log that was never written, an empty one, and one whose directory is missing', async (t) => {
  const rig = new LogRig(t);
  rig.open('api', 'no/such/directory/web');
  assert.deepEqual(await rig.read(['api', 'no/such/directory/web']), []);
  rig.book.runStarts('api', 'api-1');
  assert.deepEqual(await rig.read(['api']), []);
  assert.deepEqual(await rig.book.tail('api', 5), []);
});

test('a run that ends without a line end does not run into the next one', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'crash');
  rig.book.runStarts('api', 'api-2');
  rig.book.runStarts('api', 'api-3');
  rig.print('api', 'up\nunfinished');
  const told = (await rig.read(['api'])).map(({ run, text, offset }) => [run, text, offset]);
  assert.deepEqual(told, [
    ['api-1', 'crash', 0],
    ['api-3', 'up', 5],
    ['api-3', 'unfinished', 8],
  ]);
  assert.deepEqual(await rig.texts('api', { tail: 3 }), ['crash', 'up', 'unfinished']);
  assert.deepEqual(await rig.texts('api', { tail: 1 }), ['unfinished']);
});

test('tail: the last lines, for any number of lines and any block border', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  const all = Array.from({ length: 5000 }, (_, index) => `${index} ${'é'.repeat(index % 40)}`);
  rig.print('api', `${all.join('\n')}\n`);
  for (const tail of [0, 1, 2, 10, 999, 4999, 5000, 5001, -1])
    assert.deepEqual(
      await rig.texts('api', { tail }),
      tail < 0 ? all : tail === 0 ? [] : all.slice(-tail),
      `${tail}`,
    );
  rig.print('api', '\n\n');
  assert.deepEqual(await rig.texts('api', { tail: 3 }), ['4999 '.concat('é'.repeat(4999 % 40)), '', '']);
});

test('tail of a report: the last run only, each line short', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'old\nold\n');
  rig.book.runStarts('api', 'api-2');
  rig.print('api', `new\n${'x'.repeat(300_000)}\nError: no`);
  const tail = await rig.book.tail('api', 20);
  assert.deepEqual([tail[0], tail[1]?.length, tail[2], tail.length], ['new', 2001, 'Error: no', 3]);
  assert.deepEqual(await rig.book.tail('api', 1), ['Error: no']);
  assert.deepEqual(await rig.book.tail('api', 0), []);
});

test('several services: merged by time, each in its own order', async (t) => {
  const rig = new LogRig(t);
  rig.time = 1_000_000;
  rig.open('api', 'db', 'web');
  for (const name of ['api', 'db', 'web']) rig.book.runStarts(name, `${name}-1`);
  const expected: string[] = [];
  for (let round = 0; round < 30; round++) {
    const name = ['api', 'db', 'web'][round % 3] as string;
    rig.time += 5000;
    rig.print(name, `${name} ${round}\n${name} ${round} again\n`);
    expected.push(`${name} ${round}`, `${name} ${round} again`);
    // What the watch would note: here the test's clock decides.
    await rig.read(['api', 'db', 'web'], { tail: 0 });
  }
  const lines = await rig.read(['api', 'db', 'web']);
  assert.deepEqual(
    lines.map(({ text }) => text),
    expected,
  );
  assert.deepEqual(
    lines.map(({ at }) => at),
    lines.map(({ at }) => at).sort(),
  );
  const since = (await rig.read(['api', 'db', 'web'], { since: rig.time - 5000 })).map(({ text }) => text);
  assert.deepEqual(since, expected.slice(-4));
  const last = (await rig.read(['api', 'db', 'web'], { tail: 1 })).map(({ text }) => text);
  assert.deepEqual(last, ['api 27 again', 'db 28 again', 'web 29 again']);
});

test('the watch notes when something is written while nobody reads', async (t) => {
  const rig = new LogRig(t);
  rig.open('api', 'db');
  rig.book.runStarts('api', 'api-1');
  rig.book.runStarts('db', 'db-1');
  const index = (): number => readdirSync(rig.directory).length;
  assert.equal(index(), 4);
  rig.time = Date.parse('2030-01-01');
  await settled(rig, 'api', 'first\n');
  rig.time = Date.parse('2031-01-01');
  await settled(rig, 'db', 'second\n');
  rig.time = Date.parse('2032-01-01');
  await settled(rig, 'api', 'third\n');
  const years = (await rig.read(['api', 'db'])).map(({ at, text }) => `${at.slice(0, 4)} ${text}`);
  assert.deepEqual(years, ['2030 first', '2031 second', '2032 third']);
});

/** Prints, and waits until the book has noted it by itself. */
async function settled(rig: LogRig, name: string, text: string): Promise<void> {
  const before = rig.index(name);
  rig.print(name, text);
  await until(() => rig.index(name) !== before);
}

test('grep: with tail the last lines that match, in history and live', async (t) => {
  const rig = new LogRig(t);
  rig.open('api', 'db');
  rig.book.runStarts('api', 'api-1');
  rig.book.runStarts('db', 'db-1');
  rig.print('api', 'ok\nError 1\nok\nerror 2\nError 3\nok\n');
  rig.print('db', 'Error db\nok\n');
  const grep = /error/i;
  assert.deepEqual(await rig.texts('api', { grep }), ['Error 1', 'error 2', 'Error 3']);
  assert.deepEqual(await rig.texts('api', { grep, tail: 2 }), ['error 2', 'Error 3']);
  const both = await rig.read(['api', 'db'], { grep: /Error/g, tail: 1 });
  assert.deepEqual(both.map(({ text }) => text).sort(), ['Error 3', 'Error db']);
  const follower = rig.follow(['api'], { grep, tail: 1 });
  assert.deepEqual(await follower.take(1), ['Error 3']);
  rig.print('api', 'ok\nerror 4\n');
  assert.deepEqual(await follower.take(1), ['error 4']);
});

test('a pattern that backtracks without end is refused; the process goes on', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', `${'a'.repeat(50)}b\n`);
  await assert.rejects(rig.read(['api'], { grep: /(a+)+$/ }), { code: 'USAGE' });
  assert.deepEqual(await rig.texts('api', { grep: /b$/ }), [`${'a'.repeat(50)}b`]);
});

test('follow: history first, then live over restarts, no line lost, none twice', async (t) => {
  const rig = new LogRig(t);
  rig.open('api', 'web');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'a\nb\nc');
  const follower = rig.follow(['api', 'web'], { tail: 2 });
  assert.deepEqual(await follower.take(1), ['b']);
  rig.print('api', 'c\n');
  assert.deepEqual(await follower.take(1), ['cc']);
  const lines: string[] = [];
  for (let run = 2; run < 30; run++) {
    rig.book.runStarts('api', `api-${run}`);
    rig.print('api', `first of ${run}\nlast of ${run}`);
    lines.push(`first of ${run}`, `last of ${run}`);
  }
  rig.book.runStarts('api', 'api-30');
  assert.deepEqual(await follower.take(lines.length), lines);
  // A service that had no log when the reader came.
  rig.book.runStarts('web', 'web-1');
  rig.print('web', 'hello\n');
  const hello = await follower.next();
  assert.deepEqual([hello.service, hello.run, hello.text], ['web', 'web-1', 'hello']);
});

test('follow: what several programs write at once arrives once each, in order', async (t) => {
  const rig = new LogRig(t);
  const names = ['a', 'b', 'c', 'd'];
  rig.open(...names);
  const count = 20_000;
  for (const name of names) rig.book.runStarts(name, `${name}-1`);
  const follower = rig.follow(names, { tail: -1 });
  const script = `for (let i = 0; i < ${count}; i++) console.log(process.argv[1] + ' ' + i);`;
  const writers = names.map((name) => {
    const log = openSync(rig.file(name), 'a');
    return spawn(process.execPath, ['-e', script, name], { stdio: ['ignore', log, log] });
  });
  const next = new Map(names.map((name) => [name, 0]));
  for (let line = 0; line < count * names.length; line++) {
    const { service, text } = await follower.next();
    assert.equal(text, `${service} ${next.get(service)}`);
    next.set(service, (next.get(service) ?? 0) + 1);
  }
  for (const writer of writers) if (writer.exitCode === null) await once(writer, 'exit');
});

test('follow: a prompt without a line end is shown after a while, and its rest later', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  const follower = rig.follow(['api'], { tail: -1 });
  rig.print('api', 'Password: ');
  const prompt = await follower.next();
  assert.deepEqual([prompt.text, prompt.partial], ['Password: ', true]);
  rig.print('api', '****\n');
  const rest = await follower.next();
  assert.deepEqual([rest.text, rest.partial, rest.offset], ['****', undefined, 10]);
});

test('a reader that leaves, or whose signal is aborted, ends quietly and holds nothing', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'one\n');
  const isHeld = (): boolean =>
    readdirSync('/proc/self/fd').some((descriptor) => linkOf(descriptor) === rig.file('api'));
  const leave = new AbortController();
  const aborted = rig.follow(['api'], { tail: 1, signal: leave.signal });
  assert.deepEqual(await aborted.take(1), ['one']);
  assert.ok(isHeld());
  const waiting = aborted.next();
  leave.abort();
  await assert.rejects(waiting, /the stream ended/);
  const left = rig.follow(['api'], { tail: 1 });
  assert.deepEqual(await left.take(1), ['one']);
  const pending = left.next();
  await left.leave();
  await assert.rejects(pending, /the stream ended/);
  // One that nobody asks for more any longer.
  const idle = new AbortController();
  await rig.follow(['api'], { tail: 1, signal: idle.signal }).take(1);
  idle.abort();
  await until(() => !isHeld());
});

function linkOf(descriptor: string): string | null {
  try {
    return readlinkSync(`/proc/self/fd/${descriptor}`);
  } catch {
    // The one that the listing itself was read through.
    return null;
  }
}

test('a reader that follows logs which are closed gets all of them, then the end', async (t) => {
  const rig = new LogRig(t);
  rig.open('api', 'web');
  rig.book.runStarts('api', 'api-1');
  rig.book.runStarts('web', 'web-1');
  rig.print('api', 'one\n');
  const follower = rig.follow(['api', 'web'], { tail: -1 });
  assert.deepEqual(await follower.take(1), ['one']);
  rig.book.close('web');
  rig.print('api', 'two\n');
  assert.deepEqual(await follower.take(1), ['two']);
  rig.print('api', 'three\nunfinished');
  rig.book.close('api');
  rmSync(rig.file('api'));
  assert.deepEqual(await follower.take(2), ['three', 'unfinished']);
  await assert.rejects(follower.next(), /the stream ended/);
});

test('lines: text from an offset on, also of what comes', async (t) => {
  const rig = new LogRig(t);
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'ready (old)\n');
  const from = rig.book.runStarts('api', 'api-2');
  const leave = new AbortController();
  const found: string[] = [];
  const done = (async () => {
    for await (const line of rig.book.lines(rig.file('api'), from, leave.signal)) {
      found.push(line);
      if (line === 'ready') return;
    }
  })();
  rig.print('api', 'starting\nrea');
  rig.print('api', 'dy\n');
  await done;
  assert.deepEqual(found, ['starting', 'ready']);
  const aborted: string[] = [];
  leave.abort();
  for await (const line of rig.book.lines(rig.file('api'), 0, leave.signal)) aborted.push(line);
  assert.deepEqual(aborted, []);
});
