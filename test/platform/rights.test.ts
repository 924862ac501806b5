/** What another user sees, and what is said of the rest. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Gap } from '../../src/platform/facts.ts';
import { blindSpots, type Sight } from '../../src/platform/linux/blind-spots.ts';
import { AS_NOBODY, isRoot, Looker, SocketProgram } from '../support/socket-program.ts';

type Pairs = readonly (readonly [number, readonly number[]])[];
type Answers = readonly [{ readonly byInode: Pairs; readonly closed: Pairs }, readonly Gap[]];

const NOBODY = 65_534;
const QUESTIONS = [['holdersOf', 'listening'], ['blindSpots']] as const;

test("another user's processes are closed, and named by their user; one's own are seen", async (t) => {
  if (!isRoot(t)) return;
  const [roots, own] = [await SocketProgram.start(t), await SocketProgram.start(t, AS_NOBODY)];
  const look = await Looker.create(t);
  if (roots === null || own === null) return;
  for (const program of [roots, own]) await program.does('tcp', '127.0.0.1', 0, 'listen');
  const [[rootsInode], [ownInode]] = [roots.inodes(), own.inodes()];
  const [{ byInode, closed }, gaps] = await look.asks<Answers>(AS_NOBODY, QUESTIONS);
  const holders = new Map(byInode);
  assert.deepEqual([holders.get(rootsInode ?? 0), holders.get(ownInode ?? 0)], [undefined, [own.pid]]);
  assert.ok(new Map(closed).get(0)?.includes(roots.pid));
  // Other tests run programs as this user too, some of which keep themselves closed.
  assert.equal(new Map(closed).get(NOBODY)?.includes(own.pid) ?? false, false);
  assert.deepEqual(
    gaps.map(({ what }) => what),
    ["sockets of other users' processes"],
  );
});

for (const [option, isListed] of [
  ['1', true],
  ['2', false],
] as const)
  test(`/proc with hidepid=${option} is survived and said`, async (t) => {
    if (!isRoot(t)) return;
    const [roots, own] = [await SocketProgram.start(t), await SocketProgram.start(t, AS_NOBODY)];
    const look = await Looker.create(t);
    if (roots === null || own === null) return;
    for (const program of [roots, own]) await program.does('tcp', '127.0.0.1', 0, 'listen');
    const mount = `mount -t proc -o hidepid=${option} proc /proc && exec "$@"`;
    const through = ['unshare', '--mount', 'sh', '-c', mount, 'sh', ...AS_NOBODY];
    const [{ byInode, closed }, gaps] = await look.asks<Answers>(through, QUESTIONS);
    const [[rootsInode], [ownInode]] = [roots.inodes(), own.inodes()];
    const holders = new Map(byInode);
    assert.deepEqual([holders.get(rootsInode ?? 0), holders.get(ownInode ?? 0)], [undefined, [own.pid]]);
    assert.equal(new Map(closed).get(0)?.includes(roots.pid) ?? false, isListed);
    assert.match(
      gaps.find(({ what }) => what === "other users' processes")?.why ?? '',
      /hidepid=(1|2|noaccess|invisible)$/,
    );
  });

test('a process without the right to trace others is told so, though it is root', async (t) => {
  if (!isRoot(t)) return;
  const look = await Looker.create(t);
  const [gaps] = await look.asks<readonly [readonly Gap[]]>(
    ['setpriv', '--bounding-set=-sys_ptrace', '--inh-caps=-sys_ptrace'],
    [['blindSpots']],
  );
  assert.match(gaps.find(({ what }) => what.startsWith('sockets of'))?.why ?? '', /CAP_SYS_PTRACE/);
});

test('inside a pid namespace of its own that is said', async (t) => {
  if (!isRoot(t)) return;
  const look = await Looker.create(t);
  const own = await look.asks<readonly [readonly Gap[]]>(
    ['unshare', '--pid', '--fork', '--mount-proc'],
    [['blindSpots']],
  );
  assert.deepEqual(
    own[0].map(({ what }) => what),
    ['processes outside this container'],
  );
  // /proc is still that of outside.
  const [mixed] = await look.asks<readonly [readonly Gap[]]>(
    ['unshare', '--pid', '--fork'],
    [['blindSpots']],
  );
  assert.ok(mixed.some(({ what }) => what === 'processes by number'));
});

const ALL = (1n << 41n) - 1n;
const NONE = 0n;
const ROOT: Sight = {
  uid: 0,
  groups: [0],
  capabilities: ALL,
  mounts: 'proc /proc proc rw,relatime 0 0\n',
  userNamespace: 'user:[4026531837]',
  pidNamespace: 'pid:[4026531836]',
  pid: 42,
  pidInProc: '42',
};
const USER: Sight = { ...ROOT, uid: 1000, groups: [1000], capabilities: NONE };

function mounted(options: string): string {
  return `proc /proc proc rw,relatime 0 0\nproc /proc proc rw,${options} 0 0\ntmpfs /tmp tmpfs rw 0 0\n`;
}

test('what keeps a caller from seeing, by its rights and mounts', () => {
  const SOCKETS = "sockets of other users' processes";
  const HIDDEN = "other users' processes";
  for (const [sight, expected] of [
    [ROOT, []],
    [USER, [SOCKETS]],
    [{ ...ROOT, capabilities: ALL & ~(1n << 19n) }, [SOCKETS]],
    [{ ...ROOT, capabilities: 1n << 19n }, [SOCKETS]],
    [{ ...ROOT, capabilities: (1n << 19n) | (1n << 2n) }, []],
    [{ ...ROOT, mounts: mounted('hidepid=2') }, []],
    [{ ...USER, mounts: mounted('hidepid=2') }, [SOCKETS, HIDDEN]],
    [{ ...USER, mounts: mounted('gid=4,hidepid=invisible') }, [SOCKETS, HIDDEN]],
    [{ ...USER, groups: [1000, 4], mounts: mounted('gid=4,hidepid=invisible') }, [SOCKETS]],
    [{ ...USER, groups: [1000, 4], mounts: mounted('gid=4,hidepid=ptraceable') }, [SOCKETS, HIDDEN]],
    [{ ...USER, mounts: mounted('hidepid=0') }, [SOCKETS]],
    [{ ...ROOT, mounts: mounted('subset=pid') }, ['port ranges and start times']],
    [{ ...ROOT, userNamespace: 'user:[4026532001]' }, ['sockets of processes outside this user namespace']],
    [{ ...ROOT, pidNamespace: 'pid:[4026532002]' }, ['processes outside this container']],
    [{ ...ROOT, pidInProc: '7' }, ['processes by number']],
    [{ ...ROOT, pidInProc: null, pidNamespace: null, userNamespace: null, mounts: '' }, []],
  ] as const)
    assert.deepEqual(
      blindSpots(sight).map(({ what }) => what),
      expected,
    );
});
