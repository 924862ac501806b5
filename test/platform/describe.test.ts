/** A process as a person wants to know it. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { ProcessBook } from '../../src/platform/linux/describe.ts';
import { HolderIndex } from '../../src/platform/linux/holders.ts';
import { AS_NOBODY, isRoot } from '../support/socket-program.ts';
import { until } from '../support/until.ts';

const SLEEP = realpathSync('/bin/sleep');

async function start(
  t: TestContext,
  argv: readonly string[],
  cwd = '/',
): Promise<ChildProcess & { pid: number }> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, { cwd, stdio: ['pipe', 'ignore', 'ignore'] });
  t.after(() => child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child as ChildProcess & { pid: number };
}

function temporary(t: TestContext): string {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), 'describe-')));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

test('a process with its parent, user, command, directory, program and start', async (t) => {
  const directory = temporary(t);
  const before = Date.now();
  const { pid } = await start(t, ['/bin/sh', '-c', 'read line', '', 'grüße'], directory);
  const found = new ProcessBook().describe(pid);
  assert.ok(found);
  const { parent, name, command, cwd, executable, executableDeleted, uid, user, startedAt } = found;
  assert.deepEqual(
    { parent, name, command, cwd, executable, executableDeleted, uid },
    {
      parent: process.pid,
      name: 'sh',
      command: ['/bin/sh', '-c', 'read line', '', 'grüße'],
      cwd: directory,
      executable: realpathSync('/bin/sh'),
      executableDeleted: false,
      uid: process.getuid?.(),
    },
  );
  assert.equal(user, userInfo().username);
  // The kernel tells the boot in whole seconds.
  assert.ok(Math.abs((startedAt ?? 0) - before) < 30_000, `${startedAt} is not about ${before}`);
});

test('a process that is gone is none', async (t) => {
  const book = new ProcessBook();
  const child = await start(t, ['/bin/sleep', '1000']);
  assert.notEqual(book.describe(child.pid), null);
  child.kill('SIGKILL');
  await once(child, 'exit');
  assert.equal(book.describe(child.pid), null);
});

test('running another program in the same process is noticed', async (t) => {
  const book = new ProcessBook();
  const child = await start(t, ['/bin/sh', '-c', 'read line; exec /bin/sleep 1000']);
  assert.equal(book.describe(child.pid)?.command[0], '/bin/sh');
  child.stdin?.write('go\n');
  await until(() => readlinkSync(`/proc/${child.pid}/exe`) === SLEEP);
  const { name, command, executable } = book.describe(child.pid) ?? {};
  assert.deepEqual([name, command, executable], ['sleep', ['/bin/sleep', '1000'], SLEEP]);
});

test('another parent is noticed', async (t) => {
  const book = new ProcessBook();
  const child = spawn('/bin/sh', ['-c', '/bin/sleep 1000 & echo $!; read line'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(text.toString());
  t.after(() => process.kill(pid, 'SIGKILL'));
  assert.equal(book.describe(pid)?.parent, child.pid);
  child.stdin.write('go\n');
  await once(child, 'exit');
  const { parent } = book.describe(pid) ?? {};
  assert.ok(parent !== undefined && parent !== child.pid);
});

test('a program whose file was deleted runs on, and that is said; a name that only looks so is not', async (t) => {
  const directory = temporary(t);
  const [deleted, odd] = [join(directory, 'server'), join(directory, 'server (deleted)')];
  for (const file of [deleted, odd]) {
    copyFileSync(SLEEP, file);
    chmodSync(file, 0o755);
  }
  const [one, other] = [await start(t, [deleted, '1000']), await start(t, [odd, '1000'])];
  await until(
    () => readlinkSync(`/proc/${one.pid}/exe`) === deleted && readlinkSync(`/proc/${other.pid}/exe`) === odd,
  );
  rmSync(deleted);
  const facts = (pid: number) => {
    const { executable, executableDeleted } = new ProcessBook().describe(pid) ?? {};
    return [executable, executableDeleted];
  };
  assert.deepEqual(facts(one.pid), [deleted, true]);
  assert.deepEqual(facts(other.pid), [odd, false]);
});

test('a command may be named like anything', async (t) => {
  const link = join(temporary(t), ') Z 1 (x');
  symlinkSync(SLEEP, link);
  const { pid } = await start(t, [link, '1000']);
  const { name, parent } = new ProcessBook().describe(pid) ?? {};
  assert.deepEqual([name, parent], [') Z 1 (x', process.pid]);
});

test('what another user may not read is null, the rest is told', async (t) => {
  if (!isRoot(t)) return;
  const { pid } = await start(t, [...AS_NOBODY, '/bin/sleep', '1000']);
  await until(() => new ProcessBook().describe(pid)?.name === 'sleep');
  const book = new ProcessBook();
  const { uid, user, command } = book.describe(pid) ?? {};
  assert.deepEqual([uid, user, command], [65_534, 'nobody', ['/bin/sleep', '1000']]);
  assert.equal(book.userName(4_000_123_456), '4000123456');
});

test('kernel threads have no command and no program', () => {
  const book = new ProcessBook();
  const found = book.describe(2);
  if (found?.name !== 'kthreadd') return;
  assert.deepEqual(
    [found.command, found.executable, found.cwd === null || found.cwd === '/'],
    [[], null, true],
  );
});

/** Meets all processes, as every question about sockets does. */
function meet(index: HolderIndex): void {
  index.holders(new Set([0]));
}

test('who was met unchanged is described by the same object; another parent or descriptor makes another', async (t) => {
  const index = new HolderIndex();
  const book = new ProcessBook((pid) => index.stamp(pid));
  const script =
    'exec 3<&0; sh -c "read line; exec 9<&0; exec /bin/sleep 1000" <&3 & echo $!; exec /bin/sleep 1000';
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', 'pipe', 'ignore'] });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  const pid = Number(text.toString());
  t.after(() => process.kill(pid, 'SIGKILL'));
  t.after(() => child.kill('SIGKILL'));
  await until(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('read line'));
  meet(index);
  const first = book.describe(pid);
  meet(index);
  assert.equal(first?.parent, child.pid);
  assert.equal(book.describe(pid), first);
  child.stdin.write('go\n');
  await until(() => readlinkSync(`/proc/${pid}/exe`) === SLEEP);
  meet(index);
  assert.equal(book.describe(pid)?.name, 'sleep', 'it has one descriptor more');
  child.kill('SIGKILL');
  await once(child, 'exit');
  meet(index);
  assert.notEqual(book.describe(pid)?.parent, child.pid);
});

test('who was not met a moment ago is asked again', async (t) => {
  const index = new HolderIndex();
  const child = await start(t, ['/bin/sleep', '1000']);
  assert.equal(index.stamp(child.pid), null, 'nobody was met yet');
  meet(index);
  assert.notEqual(index.stamp(child.pid), null);
  await until(() => index.stamp(child.pid) === null);
});
