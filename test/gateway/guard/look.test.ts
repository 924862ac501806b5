/** Who calls, on a machine that the test plays: what makes a process one of a declared caller's, and what does not. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CallerLook, type Facts } from '../../../src/gateway/guard/look.ts';
import type { CallQuestion } from '../../../src/gateway/guard/question.ts';
import { type Root, readRoots } from '../../../src/gateway/guard/roots.ts';
import type { SocketFacts, SocketSelection } from '../../../src/platform/facts.ts';

const LISTEN = { address: '127.64.1.1', port: 5432 };
const GATEWAY = 900;

interface Process {
  readonly parent?: number;
  readonly session?: number;
  readonly startTime?: number;
  /** Local ports of its connections to the link. */
  readonly calls?: readonly number[];
  readonly program?: string;
}

/** `late`: the table lacks its rows so many times. */
function machine(processes: Readonly<Record<number, Process>>, late = 0) {
  let looks = 0;
  const ports = Object.values(processes).flatMap(({ calls = [] }) => calls);
  const holdersOf = (inodes: ReadonlySet<number>, pids: Iterable<number>): Map<number, number[]> => {
    const found = new Map<number, number[]>();
    for (const pid of pids)
      for (const port of processes[pid]?.calls ?? [])
        if (inodes.has(port)) found.set(port, [...(found.get(port) ?? []), pid]);
    return found;
  };
  const everybody = Object.keys(processes).map(Number);
  const facts: Facts = {
    sockets: (selection) => {
      if (isOfIPv6(selection)) return { sockets: [], gaps: [] };
      looks += 1;
      return { sockets: looks > late ? ports.map((port) => row(port)) : [], gaps: [] };
    },
    owners: (inodes, pids) => holdersOf(inodes, pids ?? everybody),
    holders: (inodes) => ({ byInode: holdersOf(inodes, everybody), closed: new Map() }),
    process: (pid) => {
      const found = processes[pid];
      if (found === undefined) return null;
      const { parent = 1, session = pid, startTime = pid } = found;
      return { pid, parent, group: session, session, startTime, zombie: false };
    },
    details: (pid) => ({ pid, uid: 0, command: [`/usr/bin/${processes[pid]?.program ?? 'x'}`], cwd: null }),
    userName: (uid) => `user${uid}`,
  };
  return { facts, looks: () => looks };
}

function isOfIPv6(selection: SocketSelection): boolean {
  return typeof selection === 'object' && selection.family === 6;
}

function row(port: number, change: Partial<SocketFacts> = {}): SocketFacts {
  return {
    protocol: 'tcp',
    family: 4,
    state: 'established',
    local: { address: '127.0.0.1', port },
    remote: LISTEN,
    uid: 0,
    inode: port,
    ...change,
  };
}

const ROOTS = new Map<number, Root>([
  [10, { directory: '/env', service: 'api', started: 10 }],
  [20, { directory: '/env', service: 'web', started: 20 }],
  [30, { directory: '/env', service: null, started: 30 }],
  [40, { directory: '/other', service: 'api', started: 40 }],
]);

function ask(port: number): CallQuestion {
  const guard = { directory: '/env', allows: ['api'] };
  return { listen: LISTEN, caller: { address: '127.0.0.1', port }, guard };
}

function lookWith(facts: Facts): CallerLook {
  return new CallerLook(facts, GATEWAY, () => ROOTS);
}

test('a program that is allowed, its descendants and its session, also when the program has ended', () => {
  const { facts } = machine({
    10: { calls: [1] },
    11: { parent: 10, calls: [2] },
    12: { parent: 11, session: 12, calls: [3] },
    // It was left behind by a process that ended, in the session that the program leads.
    13: { parent: 1, session: 10, calls: [4] },
    31: { parent: 30, calls: [5] },
    30: { parent: 1, session: 5 },
  });
  assert.deepEqual(lookWith(facts).answer([1, 2, 3, 4, 5].map(ask)), [null, null, null, null, null]);
  const { facts: orphaned } = machine({ 13: { parent: 1, session: 10, calls: [4] } });
  assert.deepEqual(lookWith(orphaned).answer([ask(4)]), [null]);
});

test('another service is named; one of the same name elsewhere, a stranger and a pid that is used again are not it', () => {
  const { facts } = machine({
    20: { program: 'node' },
    21: { parent: 20, calls: [1], program: 'curl' },
    40: { calls: [2], program: 'node' },
    50: { calls: [3], program: 'psql' },
    // pid 10 of the records was somebody else.
    10: { startTime: 77, program: 'sh' },
    11: { parent: 10, session: 10, calls: [4], program: 'nc' },
  });
  assert.deepEqual(lookWith(facts).answer([1, 2, 3, 4].map(ask)), [
    { pid: 21, program: 'curl', service: 'web' },
    { pid: 40, program: 'node', service: null },
    { pid: 50, program: 'psql', service: null },
    { pid: 11, program: 'nc', service: null },
  ]);
});

test('the nearest recorded program counts: what lo starts inside a service is not that service', () => {
  const { facts } = machine({
    20: {},
    30: { parent: 20, session: 20 },
    31: { parent: 30, session: 20, calls: [1] },
  });
  assert.deepEqual(lookWith(facts).answer([ask(1)]), [null]);
});

test('a socket that two hold gets through when one of them may', () => {
  const { facts } = machine({ 50: { calls: [1] }, 10: { calls: [1] } });
  assert.deepEqual(lookWith(facts).answer([ask(1)]), [null]);
});

test('who cannot be found is refused after three looks, and what a look missed is looked for again', () => {
  const gone = machine({ 10: {} });
  assert.deepEqual(lookWith(gone.facts).answer([ask(1)]), [
    { pid: null, program: 'somebody who hung up at once', service: null },
  ]);
  assert.equal(gone.looks(), 3);

  const unseen = machine({});
  const { facts } = unseen;
  const hidden: Facts = { ...facts, sockets: () => ({ sockets: [row(1, { uid: 7 })], gaps: [] }) };
  assert.deepEqual(lookWith(hidden).answer([ask(1)]), [
    { pid: null, program: 'a program of user user7', service: null },
  ]);

  const late = machine({ 10: { calls: [1] } }, 2);
  assert.deepEqual(lookWith(late.facts).answer([ask(1)]), [null]);
});

test('callers over IPv6 sockets are the same; the gateway itself is told as what it is', () => {
  const { facts } = machine({ 10: { calls: [1] }, [GATEWAY]: { calls: [2] } });
  const java = row(1, {
    family: 6,
    local: { address: '::ffff:127.0.0.1', port: 1 },
    remote: { address: '::ffff:127.64.1.1', port: 5432 },
  });
  const sockets: Facts['sockets'] = (selection) => ({
    sockets: [isOfIPv6(selection) ? java : row(2)],
    gaps: [],
  });
  const mapped: Facts = { ...facts, sockets };
  const [own, gateway] = lookWith(mapped).answer([ask(1), ask(2)]);
  assert.equal(own, null);
  assert.match(gateway?.program ?? '', /^Loopyard’s gateway, for an alias/);
});

test('records: programs with their start times, what went into the background, commands; nothing else, and no directory', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'roots-'));
  t.after(() => rmSync(directory, { recursive: true }));
  for (const name of ['runs', 'commands']) mkdirSync(join(directory, name));
  const runs = ['api-1.claim', 'api-1.waiter.4', 'api-1.pid.5.66', 'my-db-12.background.7.88', 'web-1.pid.9'];
  for (const name of [...runs, 'x.pid.3.3']) writeFileSync(join(directory, 'runs', name), '');
  for (const name of ['31.99', 'note', '32']) writeFileSync(join(directory, 'commands', name), '');
  assert.deepEqual(
    [...readRoots([directory, '/nowhere'])],
    [
      [5, { directory, service: 'api', started: 66 }],
      [7, { directory, service: 'my-db', started: 88 }],
      [31, { directory, service: null, started: 99 }],
    ],
  );
});
