/** Every holder of a socket, asked once and again and again. */

import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { activityOf, hasRested, isSingle } from '../../src/platform/linux/activity.ts';
import { HolderIndex } from '../../src/platform/linux/holders.ts';
import { SocketProgram, socketsOf } from '../support/socket-program.ts';
import { until } from '../support/until.ts';

/** After so many questions nothing that changed is unknown. */
const TURNS = 32;

function holdersOf(index: HolderIndex, inode: number | undefined): readonly number[] {
  return index.holders(new Set([inode ?? 0])).byInode.get(inode ?? 0) ?? [];
}

test('all processes that share a socket are named, elders first', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  const index = new HolderIndex();
  await program.does('tcp', '127.0.0.1', 0, 'listen');
  const [inode] = program.inodes();
  assert.deepEqual(holdersOf(index, inode), [program.pid]);
  const children = [Number(await program.does('fork')), Number(await program.does('fork'))];
  assert.deepEqual(
    holdersOf(index, inode),
    [program.pid, ...children.sort((a, b) => a - b)],
    'at the next question',
  );
  assert.deepEqual(
    holdersOf(new HolderIndex(), inode),
    holdersOf(index, inode),
    'as who never looked before',
  );
});

test('each socket of a group that shares a port has its own holder', async (t) => {
  const [one, other] = [await SocketProgram.start(t), await SocketProgram.start(t)];
  if (one === null || other === null) return;
  const { port } = await one.opens('tcp', '127.0.0.1', 0, 'reuseport', 'listen');
  await other.opens('tcp', '127.0.0.1', port, 'reuseport', 'listen');
  const inodes = [...one.inodes(), ...other.inodes()];
  const { byInode } = new HolderIndex().holders(new Set(inodes));
  assert.deepEqual(
    inodes.map((inode) => byInode.get(inode)),
    [[one.pid], [other.pid]],
  );
});

test('what changes is noticed at the next question: closed, opened, gone', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  const index = new HolderIndex();
  const first = await program.opens('tcp', '127.0.0.1', 0, 'listen');
  const [before] = program.inodes();
  assert.deepEqual(holdersOf(index, before), [program.pid]);
  // Another socket takes the same descriptor, so that their number stays.
  await program.does('close', first.number);
  await program.does('tcp', '127.0.0.1', 0, 'listen');
  const [after] = program.inodes();
  assert.notEqual(after, before);
  assert.deepEqual([holdersOf(index, before), holdersOf(index, after)], [[], [program.pid]]);
  const child = Number(await program.does('fork'));
  assert.deepEqual(holdersOf(index, after), [program.pid, child]);
  process.kill(child, 'SIGKILL');
  await until(() => socketsOrNone(child).length === 0);
  assert.deepEqual(holdersOf(index, after), [program.pid]);
});

test('a socket that is handed to a process that runs already is noticed there', async (t) => {
  const index = new HolderIndex();
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { fd } = (server as unknown as { _handle: { fd: number } })._handle;
  const inode = socketAt(fd);
  const script = join(temporary(t), 'takes.cjs');
  // It takes the socket as a raw handle, without any change to it.
  writeFileSync(
    script,
    "process.on('message', (_, handle) => { process.kept = handle; process.send('kept'); });",
  );
  const child = fork(script, { execArgv: [] });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  assert.deepEqual(holdersOf(index, inode), [process.pid]);
  child.send('yours too', server);
  await once(child, 'message');
  assert.deepEqual(holdersOf(index, inode), [process.pid, child.pid]);
});

test('a socket that goes from child to child without a pause is found with whoever has it', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  const index = new HolderIndex();
  await program.does('tcp', '127.0.0.1', 0, 'listen');
  const [inode] = program.inodes();
  await program.does('hop');
  const seen = new Set<number>();
  // Only a machine on which nothing runs for a while may keep us from catching it once.
  await until(() => {
    for (const pid of holdersOf(index, inode)) seen.add(pid);
    return seen.size >= 5;
  });
  assert.equal(seen.has(program.pid), false);
});

test('processes that come and go during the walk disturb nobody', async (t) => {
  const [program, storm] = [await SocketProgram.start(t), await SocketProgram.start(t)];
  if (program === null || storm === null) return;
  const index = new HolderIndex();
  await program.does('many', 'tcp', 50, '127.0.0.1', 'listen');
  const inodes = new Set(program.inodes());
  await storm.does('storm', 20);
  for (let question = 0; question < 3 * TURNS; question += 1) {
    const { byInode } = index.holders(inodes);
    assert.equal(byInode.size, 50);
    for (const holders of byInode.values()) assert.deepEqual(holders, [program.pid]);
  }
});

test('all sockets with all holders', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  await program.does('tcp', '127.0.0.1', 0, 'listen');
  await program.does('udp', '127.0.0.1', 0);
  await program.does('unbound', 'tcp');
  const all = new HolderIndex().everything();
  const inodes = program.inodes();
  assert.equal(inodes.length, 3);
  for (const inode of inodes) assert.deepEqual(all.get(inode), [program.pid]);
});

test('nobody is asked about nothing', () => {
  const { byInode } = new HolderIndex().holders(new Set([0]));
  assert.equal(byInode.size, 0);
});

/** A /proc that the test plays: processes with the sockets behind their descriptors. */
class Proc {
  readonly root: string;

  constructor(t: TestContext) {
    this.root = temporary(t);
    this.open('self', 0, 1);
  }

  open(pid: number | 'self', descriptor: number, inode: number): void {
    mkdirSync(join(this.root, String(pid), 'fd'), { recursive: true });
    symlinkSync(`socket:[${inode}]`, join(this.root, String(pid), 'fd', String(descriptor)));
  }

  close(pid: number, descriptor: number): void {
    unlinkSync(join(this.root, String(pid), 'fd', String(descriptor)));
  }

  /** Nanoseconds that its first thread has run. */
  spend(pid: number, nanoseconds: number): void {
    writeFileSync(join(this.root, String(pid), 'schedstat'), `${nanoseconds} 0 1\n`);
  }

  /** Another process with the same number: its directory is another one. */
  replace(pid: number, descriptor: number, inode: number): void {
    renameSync(join(this.root, String(pid)), join(this.root, `was-${pid}`));
    this.open(pid, descriptor, inode);
  }
}

test('a number that another process has now is looked into anew', (t) => {
  const proc = new Proc(t);
  const index = new HolderIndex(proc.root);
  proc.open(10, 3, 700);
  proc.open(11, 3, 800);
  assert.deepEqual([holdersOf(index, 700), holdersOf(index, 800)], [[10], [11]]);
  // Both sockets were asked about, and 800 has a holder: only that 10 is somebody else now leads there.
  proc.replace(10, 3, 800);
  assert.deepEqual([holdersOf(index, 800), holdersOf(index, 700)], [[10, 11], []]);
});

test('a further holder that closed something else meanwhile is found within 32 questions', (t) => {
  const proc = new Proc(t);
  const index = new HolderIndex(proc.root);
  proc.open(10, 3, 700);
  proc.open(11, 3, 900);
  assert.deepEqual([holdersOf(index, 700), holdersOf(index, 900)], [[10], [11]]);
  proc.close(11, 3);
  proc.open(11, 3, 700);
  const answers = Array.from({ length: TURNS }, () => holdersOf(index, 700).join());
  assert.equal(answers.at(-1), '10,11');
  assert.equal(holdersOf(index, 900).length, 0);
});

test('an inode that nobody holds is sought once among all, then only among those that changed', (t) => {
  const proc = new Proc(t);
  const index = new HolderIndex(proc.root);
  for (let pid = 10; pid < 10 + TURNS; pid += 1) proc.open(pid, 3, 900 + pid);
  assert.deepEqual(holdersOf(index, 700), []);
  // Behind our back, without another count: where all were looked into each time it would be found at once.
  for (let pid = 10; pid < 10 + TURNS; pid += 1) {
    proc.close(pid, 3);
    proc.open(pid, 3, 700);
  }
  assert.ok(holdersOf(index, 700).length < TURNS);
  // A newcomer is looked into.
  proc.open(50, 3, 700);
  assert.ok(holdersOf(index, 700).includes(50));
});

test('a new socket has all its holders at once, also one that has as many descriptors as before', (t) => {
  const proc = new Proc(t);
  const index = new HolderIndex(proc.root);
  proc.open(10, 3, 700);
  assert.deepEqual(holdersOf(index, 700), [10]);
  // It closed one socket, opened another, and forked.
  proc.close(10, 3);
  proc.open(10, 3, 800);
  proc.open(11, 3, 800);
  assert.deepEqual(holdersOf(index, 800), [10, 11]);
});

test('a socket whose holder let go is sought among all at once', (t) => {
  const proc = new Proc(t);
  const index = new HolderIndex(proc.root);
  for (let pid = 10; pid < 10 + TURNS; pid += 1) proc.open(pid, 3, 900 + pid);
  for (let pid = 10; pid < 10 + TURNS; pid += 1) assert.deepEqual(holdersOf(index, 900 + pid), [pid]);
  for (const [pid, inode] of [
    [10, 911],
    [11, 910],
  ] as const) {
    proc.close(pid, 3);
    proc.open(pid, 3, inode);
  }
  assert.deepEqual([holdersOf(index, 910), holdersOf(index, 911)], [[11], [10]]);
});

test('who has one thread and has not run since is believed; who ran is looked into', async (t) => {
  const proc = new Proc(t);
  const index = new HolderIndex(proc.root);
  for (const pid of [10, 11, 12]) {
    proc.open(pid, 3, 700 + pid);
    mkdirSync(join(proc.root, String(pid), 'task', String(pid)), { recursive: true });
    proc.spend(pid, 5000);
  }
  if (!isSingle(10, proc.root)) return t.skip('this file system does not count the links of directories');
  // One with a second thread: its first says nothing of it.
  mkdirSync(join(proc.root, '12', 'task', '13'));
  holdersOf(index, 1);
  holdersOf(index, 2);
  await delay(50);
  proc.spend(11, 5001);
  for (const pid of [10, 11, 12]) {
    proc.close(pid, 3);
    proc.open(pid, 3, 800);
  }
  // That of 10 could not happen to a real process: it shows that nobody looked.
  assert.deepEqual(holdersOf(index, 800), [11, 12]);
});

test('a reading vouches for nothing until the clock has ticked', async (t) => {
  const proc = new Proc(t);
  proc.open(10, 3, 700);
  proc.spend(10, 5000);
  const before = activityOf(10, proc.root);
  assert.equal(hasRested(10, before, proc.root), false);
  await delay(50);
  assert.equal(hasRested(10, before, proc.root), true);
  proc.spend(10, 5001);
  assert.equal(hasRested(10, before, proc.root), false);
  assert.equal(hasRested(10, null, proc.root), false);
  assert.equal(activityOf(11, proc.root), null);
  proc.spend(10, 0);
  assert.equal(activityOf(10, proc.root), null, 'a kernel that does not count');
});

test('a process that waits has rested, one that answered has not', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  await program.does('tcp', '127.0.0.1', 0, 'listen');
  assert.equal(isSingle(program.pid), true);
  assert.equal(isSingle(process.pid), false);
  await until(async () => {
    const before = activityOf(program.pid);
    await delay(50);
    return hasRested(program.pid, before);
  });
  const before = activityOf(program.pid);
  await delay(50);
  await program.does('tcp', '127.0.0.1', 0);
  assert.equal(hasRested(program.pid, before), false);
});

function temporary(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'proc-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

function socketAt(descriptor: number): number {
  return Number(/^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${descriptor}`))?.[1]);
}

function socketsOrNone(pid: number): readonly number[] {
  try {
    return socketsOf(pid);
  } catch {
    // It is gone.
    return [];
  }
}
