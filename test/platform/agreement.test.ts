/** The same sockets with the same holders as `ss` names, in a network of their own. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import type { SocketTable } from '../../src/platform/facts.ts';
import { ensureProgram } from '../support/debian.ts';
import { isRoot, Looker, SocketProgram } from '../support/socket-program.ts';

const run = promisify(execFile);
const EACH = 250;

type Pairs = readonly (readonly [number, readonly number[]])[];

test('2,000 sockets of both families and transports, in groups, shared and alone', async (t) => {
  if (!isRoot(t)) return;
  const ss = await ensureProgram(t, { program: 'ss', package: 'iproute2' });
  const look = await Looker.create(t);
  const up = ['unshare', '--net', 'sh', '-ec', 'ip link set lo up; ulimit -n 4096; exec "$@"', 'sh'];
  const first = await SocketProgram.start(t, up);
  if (first === null || ss === null) return;
  const second = await SocketProgram.start(t, first.besides);
  if (second === null) return;
  for (const program of [first, second]) {
    await program.does('many', 'tcp', EACH, '0.0.0.0', 'listen');
    await program.does('many', 'tcp', EACH, '::1', 'listen', 'v6only');
    await program.does('many', 'udp', EACH, '127.0.0.1');
    await program.does('many', 'udp', EACH, '::');
    // Shared by a group, and by a child.
    await program.does('tcp', '127.0.0.9', 80, 'reuseport', 'listen');
    await program.does('fork');
  }
  const server = await first.opens('tcp', '127.0.0.1', 0, 'listen');
  await second.does('connect', '127.0.0.1', server.port);
  type Answers = readonly [SocketTable, { readonly byInode: Pairs }];
  const [table, { byInode }] = await look.asks<Answers>(first.besides, [
    ['sockets', 'listening'],
    ['holdersOf', 'listening'],
  ]);
  const holders = new Map(byInode);
  const ours = table.sockets.map(({ protocol, local, inode }) =>
    line(protocol, local.port, inode, holders.get(inode) ?? []),
  );
  const { stdout } = await run(first.besides[0] ?? '', [...first.besides.slice(1), ss, '-tulnpeH'], {
    maxBuffer: 2 ** 26,
  });
  const theirs = stdout.trim().split('\n').map(fromSs);
  assert.equal(ours.length, 8 * EACH + 3);
  assert.deepEqual(ours.sort(), theirs.sort());
  assert.deepEqual(table.gaps, []);
});

function line(protocol: string, port: number, inode: number, pids: readonly number[]): string {
  return `${protocol} ${port} ${inode} ${[...pids].sort((one, other) => one - other).join()}`;
}

function fromSs(row: string): string {
  const [protocol = '', , , , local = ''] = row.split(/\s+/);
  const pids = [...row.matchAll(/pid=(\d+)/g)].map(([, pid]) => Number(pid));
  return line(
    protocol,
    Number(local.slice(local.lastIndexOf(':') + 1)),
    Number(/ ino:(\d+)/.exec(row)?.[1]),
    pids,
  );
}
