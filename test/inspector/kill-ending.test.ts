/** Whom signals reach when pids change hands under way, played without a machine. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Enders, Ending, type EndRequest } from '../../src/inspector/kill/ending.ts';
import { parseTarget } from '../../src/inspector/kill/target.ts';
import type { SocketFacts } from '../../src/platform/facts.ts';
import { fakePlatform } from '../support/fake-platform.ts';

test('a pid that another process has by now gets no signal', async () => {
  // It was the server when it was looked at; now somebody else has its number, and even the port.
  const machine = new Played([{ pid: 100, startTime: 9, holds: [7] }]);
  const ending = await end(machine, { startTimes: new Map([[100, 5]]) });
  assert.deepEqual(machine.sent, []);
  assert.deepEqual(ending.ended(), []);
});

test('a server that let go of the port by itself gets no signal', async () => {
  const machine = new Played([{ pid: 100, startTime: 5, holds: [] }], [7]);
  await end(machine);
  assert.deepEqual(machine.sent, []);
});

test('between TERM and KILL the pid is looked at again', async () => {
  // It ended, its child holds the socket on, and its number went to a stranger.
  const machine = new Played([
    { pid: 100, startTime: 5, holds: [7] },
    { pid: 101, startTime: 6, holds: [7] },
  ]);
  machine.onSignal = (pid, signal) => {
    if (pid === 100) machine.replace(100, { pid: 100, startTime: 99, holds: [] });
    if (pid === 101 && signal === 'SIGKILL') machine.remove(101);
  };
  const ending = await end(machine, {
    members: [{ pid: 101 }],
    startTimes: new Map([
      [100, 5],
      [101, 6],
    ]),
  });
  assert.deepEqual(machine.sent, [
    [100, 'SIGTERM'],
    [101, 'SIGTERM'],
    [101, 'SIGKILL'],
  ]);
  assert.deepEqual(ending.ended(), [
    { pid: 100, by: 'TERM' },
    { pid: 101, by: 'KILL' },
  ]);
});

test('who outlives the server with its socket is spared when it is the caller or above it, or pid 1', async () => {
  const machine = new Played([
    { pid: 100, startTime: 5, holds: [7] },
    { pid: 60, startTime: 2, holds: [7] },
    { pid: 1, startTime: 1, holds: [7] },
  ]);
  machine.onSignal = (pid) => machine.remove(pid);
  await end(machine, { spared: new Set([60]) });
  assert.deepEqual(machine.sent, [[100, 'SIGTERM']]);
});

test('a child that took over the socket while the pids were read is not hit under its number of before', async () => {
  const machine = new Played([
    { pid: 100, startTime: 5, holds: [7] },
    { pid: 101, startTime: 6, holds: [7] },
  ]);
  machine.onSignal = (pid) => machine.remove(pid);
  // The child ends right after its start time was read, and its number is somebody else's.
  let reads = 0;
  machine.onLook = (pid) => {
    if (pid !== 101) return;
    reads += 1;
    if (reads === 2) machine.replace(101, { pid: 101, startTime: 42, holds: [] });
  };
  await end(machine);
  assert.deepEqual(machine.sent, [[100, 'SIGTERM']]);
});

test('who may not be signalled is said, and nobody waits for it', async () => {
  const machine = new Played([{ pid: 100, startTime: 5, holds: [7] }]);
  machine.onSignal = () => {
    throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
  };
  const ending = await end(machine, { graceMs: 3_600_000 });
  assert.deepEqual(ending.problems, [
    { text: 'pid 100 may not be signalled by you', fix: 'sudo env "PATH=$PATH" lo kill 3000' },
  ]);
  assert.deepEqual(ending.ended(), []);
});

test('a dead process that nobody waited for counts as ended', async () => {
  const machine = new Played([{ pid: 100, startTime: 5, holds: [7] }]);
  machine.onSignal = () => machine.replace(100, { pid: 100, startTime: 5, holds: [], zombie: true });
  const ending = await end(machine);
  assert.deepEqual(ending.ended(), [{ pid: 100, by: 'TERM' }]);
});

interface PlayedProcess {
  readonly pid: number;
  readonly startTime: number;
  /** Inodes of listening sockets on the port. */
  readonly holds: readonly number[];
  readonly zombie?: boolean;
}

class Played {
  readonly sent: [number, string][] = [];
  onSignal: (pid: number, signal: string) => void = () => undefined;
  onLook: (pid: number) => void = () => undefined;
  readonly #processes: Map<number, PlayedProcess>;
  /** Sockets without a process that is played. */
  readonly #others: readonly number[];

  constructor(processes: readonly PlayedProcess[], others: readonly number[] = []) {
    this.#processes = new Map(processes.map((process) => [process.pid, process]));
    this.#others = others;
  }

  replace(pid: number, process: PlayedProcess): void {
    this.#processes.set(pid, process);
  }

  remove(pid: number): void {
    this.#processes.delete(pid);
  }

  platform(): Enders {
    return fakePlatform({
      sockets: () => ({ sockets: [...this.#inodes()].map(socket), gaps: [] }),
      holders: (inodes) => ({
        byInode: new Map([...inodes].map((inode) => [inode, this.#holders(inode)])),
        closed: new Map(),
      }),
      process: (pid) => {
        this.onLook(pid);
        const process = this.#processes.get(pid);
        if (process === undefined) return null;
        const { startTime, zombie = false } = process;
        return { pid, parent: 1, group: pid, session: pid, startTime, zombie };
      },
      signal: (pid, signal) => {
        this.onSignal(pid, signal);
        this.sent.push([pid, signal]);
        return true;
      },
    });
  }

  #inodes(): ReadonlySet<number> {
    return new Set([...this.#others, ...[...this.#processes.values()].flatMap(({ holds }) => holds)]);
  }

  #holders(inode: number): readonly number[] {
    return [...this.#processes.values()].filter(({ holds }) => holds.includes(inode)).map(({ pid }) => pid);
  }
}

async function end(machine: Played, change: Partial<EndRequest> = {}): Promise<Ending> {
  const ending = new Ending(machine.platform(), {
    target: parseTarget('3000', 'tcp', []),
    root: { pid: 100, name: 'node' },
    members: [],
    startTimes: new Map([[100, 5]]),
    spared: new Set(),
    graceMs: 30,
    ...change,
  });
  await ending.run();
  return ending;
}

function socket(inode: number): SocketFacts {
  return {
    protocol: 'tcp',
    family: 4,
    state: 'listen',
    local: { address: '127.0.0.1', port: 3000 },
    remote: null,
    uid: 1000,
    inode,
  };
}
