/** Processes as /proc shows them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStat } from '../../src/platform/linux/processes.ts';
import { RunLab } from '../support/run-lab.ts';

/** A row of /proc/PID/stat as proc_pid_stat(5) describes it. */
function stat(command: string, state: string, threads: number): string {
  const before = `42 (${command}) ${state} 7 40 39 0 -1 4194304 1 2 3 4 5 6 7 8 20 0`;
  return `${before} ${threads} 0 123456 1000 200`;
}

test('a command may hold anything, also what looks like other fields', () => {
  for (const command of ['node', 'a) Z 1 2 3 (b', 'two words', '))'])
    assert.deepEqual(parseStat(stat(command, 'S', 1)), {
      pid: 42,
      parent: 7,
      group: 40,
      session: 39,
      startTime: 123456,
      zombie: false,
    });
});

test('dead is who has no thread left; nonsense is nobody', () => {
  assert.equal(parseStat(stat('node', 'Z', 1))?.zombie, true);
  assert.equal(parseStat(stat('node', 'Z', 5))?.zombie, false, 'only its first thread has ended');
  for (const text of ['', 'nonsense', '42 (cut', '42 (cut) S 1']) assert.equal(parseStat(text), null);
});

test('a process is seen with its mark and its command until it is gone', async (t) => {
  const lab = await RunLab.create(t);
  const pid = await lab.start('web-1', ['/bin/sleep', '1000']);
  const { mark } = lab.ref('web-1');
  assert.equal(lab.platform.processes(0).get(pid)?.session, pid);
  assert.equal(lab.platform.marked('LOOPYARD_RUN', new Set([mark])).get(pid), mark);
  assert.equal(lab.platform.marked('LOOPYARD_RUN', new Set([mark.slice(0, -1)])).size, 0);
  const { command, cwd, uid } = lab.platform.details(pid) ?? {};
  assert.deepEqual([command, cwd, uid], [['/bin/sleep', '1000'], lab.root, process.getuid?.()]);
  lab.platform.signal(pid, 'SIGKILL');
  await lab.exit('web-1');
  assert.deepEqual([lab.platform.process(pid), lab.platform.details(pid)], [null, null]);
  assert.equal(lab.platform.signal(pid, 'SIGTERM'), false);
});

test('nobody is signalled by a number that means everybody, ourselves or init', async (t) => {
  const { platform } = await RunLab.create(t);
  for (const pid of [0, 1, -1, Number.NaN]) {
    assert.throws(() => platform.signal(pid, 'SIGTERM'), RangeError);
    assert.throws(() => platform.signalGroup(pid, 'SIGTERM'), RangeError);
  }
});

test('a claim is held by one, and free again when it is let go', async (t) => {
  const { platform, environment } = await RunLab.create(t);
  const first = await platform.claim(environment);
  assert.equal(await platform.claim(environment), null);
  first?.release();
  const second = await platform.claim(environment);
  assert.equal(second?.name, environment);
  second?.release();
});
