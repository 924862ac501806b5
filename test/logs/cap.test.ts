/** The cap of a log: its oldest part goes, the rest stays whole, under the feet of writers, readers and crashes. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { LogLine } from '../../src/core/status.ts';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';
import { until } from '../support/until.ts';
import { LogRig } from './log-rig.ts';

const MB = 1_000_000;

/** 100 bytes each, so that a number tells its offset. */
function numbered(from: number, to: number): string {
  let text = '';
  for (let number = from; number < to; number++) text += `${String(number).padEnd(99, '.')}\n`;
  return text;
}

function numbersOf(texts: readonly string[]): number[] {
  return texts.map((text) => {
    assert.match(text, /^\d+\.+$/);
    assert.equal(text.length, 99);
    return Number.parseInt(text, 10);
  });
}

function numbersIn(batch: IteratorResult<readonly LogLine[], unknown>): number[] {
  return batch.done === true ? [] : numbersOf(batch.value.map(({ text }) => text));
}

/** Bytes that the file really takes on the disk. */
function allocated(file: string): number {
  return statSync(file).blocks * 512;
}

async function keepsTheNewest(rig: LogRig): Promise<void> {
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  for (let part = 0; part < 30; part++) rig.print('api', numbered(part * 1000, (part + 1) * 1000));
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
  assert.equal(statSync(rig.file('api')).size, 3 * MB);
  const lines = await rig.read(['api']);
  const numbers = numbersOf(lines.map(({ text }) => text));
  assert.equal(numbers.at(-1), 29_999);
  assert.ok(numbers.length >= 7_900 && numbers.length <= 10_000, `${numbers.length} lines`);
  for (const [index, number] of numbers.entries()) {
    assert.equal(number, 30_000 - numbers.length + index);
    assert.equal(lines[index]?.offset, number * 100);
    assert.equal(lines[index]?.run, 'api-1');
  }
  assert.deepEqual(numbersOf(await rig.texts('api', { tail: 3 })), [29_997, 29_998, 29_999]);
  assert.equal((await rig.texts('api', { tail: 50_000 })).length, numbers.length);
  rig.crash('api');
  assert.deepEqual(numbersOf(await rig.texts('api')), numbers);
  assert.deepEqual(rig.warnings, []);
}

test('the oldest part is punched out; lines, offsets and the file size stay', async (t) => {
  await keepsTheNewest(new LogRig(t, { capBytes: MB }));
});

test('so on tmpfs', async (t) => {
  const directory = await tmpfs(t, '16m');
  if (directory !== null) await keepsTheNewest(new LogRig(t, { capBytes: MB, directory }));
});

test('the new start is on the disk before anything is punched', async (t) => {
  const { punchHole } = linuxPlatform();
  const noted: boolean[] = [];
  const rig = new LogRig(t, {
    capBytes: MB,
    punchHole: async (file, from, to) => {
      noted.push(rig.index('api').includes(`s ${to};`));
      return await punchHole(file, from, to);
    },
  });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', numbered(0, 20_000));
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
  assert.deepEqual(noted, [true]);
});

test('a crash between the note and the cut: nothing is read twice or from the hole, the next cut frees all', async (t) => {
  const { punchHole } = linuxPlatform();
  let asked = 0;
  const rig = new LogRig(t, {
    capBytes: MB,
    punchHole: async (file, from, to) => {
      asked++;
      return asked === 1 ? await new Promise<boolean>(() => undefined) : await punchHole(file, from, to);
    },
  });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', numbered(0, 20_000));
  await until(() => asked === 1);
  rig.crash('api');
  const kept = numbersOf(await rig.texts('api'));
  assert.equal(kept[0], 12_000);
  assert.equal(kept.length, 8_000);
  rig.print('api', numbered(20_000, 25_000));
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
  assert.equal(numbersOf(await rig.texts('api'))[0], 17_000);
});

test('the index is deleted: what is left of the hole is no text', async (t) => {
  const rig = new LogRig(t, { capBytes: MB });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', numbered(0, 20_000));
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
  rig.book.close();
  rmSync(`${rig.file('api')}.index`);
  rig.crash('api');
  const numbers = numbersOf(await rig.texts('api'));
  assert.equal(numbers.at(-1), 19_999);
  assert.ok(numbers.length >= 7_900, `${numbers.length} lines`);
  assert.deepEqual(numbersOf(await rig.texts('api', { tail: 20_000 })), numbers);
});

test('a follower gets every line of a program that writes many times the cap', async (t) => {
  const rig = new LogRig(t, { capBytes: MB });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  const follower = rig.book.readBatches(rig.request(['api'], { follow: true }))[Symbol.asyncIterator]();
  let next = 0;
  // In steps that the follower keeps up with: one that falls behind by a whole cap has a test of its own.
  for (let end = 5_000; end <= 100_000; end += 5_000) {
    rig.print('api', numbered(end - 5_000, end));
    while (next < end) for (const number of numbersIn(await follower.next())) assert.equal(number, next++);
  }
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
});

test('a reader that is too slow for the cap goes on where the log begins now', async (t) => {
  const rig = new LogRig(t, { capBytes: MB });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', numbered(0, 5_000));
  const reader = rig.book.readBatches(rig.request(['api'], { follow: true }))[Symbol.asyncIterator]();
  const start = numbersIn(await reader.next());
  assert.equal(start[0], 0);
  rig.print('api', numbered(5_000, 40_000));
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
  const numbers = [...start];
  while (numbers.at(-1) !== 39_999) numbers.push(...numbersIn(await reader.next()));
  const jumps = numbers.filter((number, index) => index > 0 && number !== (numbers[index - 1] ?? 0) + 1);
  assert.equal(jumps.length, 1);
  assert.ok(numbers.length > 8_000);
});

test('one line longer than the cap: its end is kept', async (t) => {
  const rig = new LogRig(t, { capBytes: MB });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', `${'é'.repeat(1_500_000)}\nafter\n`);
  await until(() => allocated(rig.file('api')) < 1.1 * MB);
  const lines = await rig.read(['api']);
  assert.equal(lines.at(-1)?.text, 'after');
  const text = lines
    .slice(0, -1)
    .map((line) => line.text)
    .join('');
  assert.match(text, /^\ufffd?é+$/);
  assert.ok(text.length > 390_000 && text.length < 500_000, `${text.length} characters`);
});

test('where nothing can be punched: said so, the live file is left alone, the next run sets it aside', async (t) => {
  const rig = new LogRig(t, { capBytes: MB, punchHole: async () => false });
  rig.open('api');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', numbered(0, 15_000));
  const follower = rig.book.readBatches(rig.request(['api'], { follow: true }))[Symbol.asyncIterator]();
  await until(() => rig.warnings.length > 0);
  assert.deepEqual(
    rig.warnings.map(({ code }) => code),
    ['LOG_CAPPED'],
  );
  assert.equal((await rig.texts('api')).length, 15_000);
  const inode = statSync(rig.file('api')).ino;
  assert.equal(rig.book.runStarts('api', 'api-2'), 1_500_000);
  assert.equal(statSync(`${rig.file('api')}.1`).ino, inode);
  rig.print('api', numbered(15_000, 16_000));
  const lines = await rig.read(['api']);
  assert.deepEqual(numbersOf(lines.map(({ text }) => text)), [...Array(16_000).keys()]);
  assert.equal(lines.at(-1000)?.run, 'api-2');
  assert.equal(lines.at(-1000)?.offset, 1_500_000);
  const followed: number[] = [];
  while (followed.length < 16_000) followed.push(...numbersIn(await follower.next()));
  assert.deepEqual(followed, [...Array(16_000).keys()]);
  assert.equal((await rig.texts('api', { tail: 1001 }))[0], String(14_999).padEnd(99, '.'));
  rig.crash('api');
  assert.equal((await rig.texts('api')).length, 16_000);
  // Small runs share a file; only a file over the cap is set aside, and takes the place of the one before.
  rig.print('api', numbered(16_000, 27_000));
  await until(() => rig.warnings.length > 1);
  rig.book.runStarts('api', 'api-3');
  rig.print('api', numbered(27_000, 27_010));
  assert.deepEqual(
    numbersOf(await rig.texts('api')),
    [...Array(12_010).keys()].map((index) => 15_000 + index),
  );
});

test('a full disk: said so, and the book goes on', async (t) => {
  const directory = await tmpfs(t, '1m');
  if (directory === null) return;
  const rig = new LogRig(t, { directory });
  rig.open('api', 'web');
  rig.book.runStarts('api', 'api-1');
  rig.print('api', 'before\n');
  await rig.read(['api']);
  assert.throws(() => writeFileSync(`${directory}/ballast`, Buffer.alloc(2 * MB)), { code: 'ENOSPC' });
  assert.throws(() => rig.print('api', numbered(0, 100)), { code: 'ENOSPC' });
  assert.equal(typeof rig.book.runStarts('web', 'web-1'), 'number');
  assert.deepEqual(
    rig.warnings.map(({ code, name }) => [code, name]),
    [['LOG_UNWRITABLE', 'web']],
  );
  assert.match(rig.warnings[0]?.text ?? '', /ENOSPC/);
  assert.equal((await rig.texts('api'))[0], 'before');
  rmSync(`${directory}/ballast`);
  const start = rig.book.runStarts('api', 'api-2');
  rig.print('api', 'after\n');
  const last = (await rig.read(['api'])).at(-1);
  assert.deepEqual([last?.text, last?.run, last?.offset], ['after', 'api-2', start]);
});

/** A directory on a small memory file system in a mount namespace of its own, so that this machine has no new mount. */
async function tmpfs(t: TestContext, size: string): Promise<string | null> {
  const point = mkdtempSync(join(tmpdir(), 'tmpfs-'));
  const script = 'mount -t tmpfs -o size="$1" none "$2" && echo ready && read end';
  const args = ['--mount', 'sh', '-c', script, 'sh', size, point];
  const holder = spawn('unshare', args, { stdio: ['pipe', 'pipe', 'ignore'] });
  t.after(async () => {
    holder.stdin.end();
    if (holder.exitCode === null) await once(holder, 'exit');
    rmSync(point, { recursive: true });
  });
  const words = await new Promise<string>((resolve) => {
    holder.stdout.once('data', (chunk: Buffer) => resolve(String(chunk)));
    holder.once('exit', () => resolve(''));
  });
  if (words.startsWith('ready')) return `/proc/${holder.pid}/root${point}`;
  t.skip('a mount namespace needs root (CAP_SYS_ADMIN)');
  return null;
}
