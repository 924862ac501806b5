/** Ports that are bound without anybody listening. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { currentPlatform } from '../../src/platform/current.ts';
import { isEverySocketListed } from '../../src/platform/linux/unlisted.ts';
import { isRoot, Looker, SocketProgram } from '../support/socket-program.ts';

test('a bound socket is a candidate until it listens, with every holder', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  const platform = currentPlatform();
  const { number } = await program.opens('tcp', '127.0.0.1', 0);
  const child = Number(await program.does('fork'));
  const [inode] = program.inodes();
  assert.deepEqual(platform.unlistedSockets().get(inode ?? 0), [program.pid, child]);
  await program.does('listen', number);
  assert.equal(platform.unlistedSockets().has(inode ?? 0), false);
});

test('sockets that stand in a table are none, of whatever kind', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  const { port } = await program.opens('tcp', '127.0.0.1', 0, 'listen');
  await program.does('udp', '127.0.0.1', 0);
  await program.does('connect', '127.0.0.1', port);
  const bound = await program.opens('tcp', '127.0.0.1', 0);
  const inodes = program.inodes();
  const candidates = currentPlatform().unlistedSockets();
  assert.deepEqual(
    inodes.filter((inode) => candidates.has(inode)),
    inodes.slice(-1),
    `only the one on port ${bound.port}`,
  );
});

test('sockets of another network namespace are none here, and are seen there', async (t) => {
  if (!isRoot(t)) return;
  const program = await SocketProgram.start(t, ['unshare', '--net']);
  const look = await Looker.create(t);
  if (program === null) return;
  await program.does('tcp', '0.0.0.0', 5000);
  const [inode] = program.inodes();
  assert.equal(
    currentPlatform()
      .unlistedSockets()
      .has(inode ?? 0),
    false,
  );
  const [there] = await look.asks<readonly [readonly (readonly [number, readonly number[]])[]]>(
    program.besides,
    [['unlistedSockets']],
  );
  assert.deepEqual(new Map(there).get(inode ?? 0), [program.pid]);
});

test('where a socket is bound only, the counts of the kernel do not say that all are listed', async (t) => {
  const program = await SocketProgram.start(t);
  if (program === null) return;
  await program.does('tcp', '127.0.0.1', 0);
  const others = currentPlatform().otherNetworkNamespaces().namespaces;
  const directories = others.map(({ pids }) => `/proc/${pids[0]}/net`);
  for (let look = 0; look < 20; look += 1)
    assert.equal(isEverySocketListed(['/proc/self/net', ...directories]), false);
});

test('counts that differ, move or cannot be read tell nothing', (t) => {
  const table = (tcp: string, tcp6: string): string => {
    const directory = mkdtempSync(join(tmpdir(), 'net-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    writeFileSync(join(directory, 'sockstat'), `sockets: used 9\n${tcp}\nUDP: inuse 3 mem 0\n`);
    if (tcp6 !== '') writeFileSync(join(directory, 'sockstat6'), `${tcp6}\nUDP6: inuse 1\n`);
    return directory;
  };
  const own = table('TCP: inuse 3 orphan 0 tw 7 alloc 8 mem 0', 'TCP6: inuse 1');
  const other = table('TCP: inuse 2 orphan 0 tw 0 alloc 8 mem 0', 'TCP6: inuse 2');
  const withoutIPv6 = table('TCP: inuse 4 orphan 0 tw 0 alloc 8 mem 0', '');
  assert.equal(isEverySocketListed([own, other]), true);
  assert.equal(isEverySocketListed([own, withoutIPv6]), true);
  assert.equal(isEverySocketListed([own]), false);
  assert.equal(isEverySocketListed([own, other, withoutIPv6]), false);
  assert.equal(isEverySocketListed([own, '/nowhere']), false);
  assert.equal(isEverySocketListed([table('TCP: nonsense', '')]), false);
});
