/** Interfaces, port ranges, namespaces, and what can be bound. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Gap, InterfaceFacts, OtherNamespace, SocketTable } from '../../src/platform/facts.ts';
import { ipv4Addresses, ipv6Addresses } from '../../src/platform/linux/interfaces.ts';
import { readNamespaces, readOtherNetworks, readPortRanges } from '../../src/platform/linux/network.ts';
import { ensureProgram } from '../support/debian.ts';
import { AS_NOBODY, isRoot, Looker, SocketProgram } from '../support/socket-program.ts';

/** A bridge and a tunnel without anybody at the other end are up and have no carrier. */
const INTERFACES = `
ip link set lo up
ip link add br0 type bridge && ip addr add 10.5.0.1/24 dev br0 && ip link set br0 up
ip link add v0 type veth peer name v1 && ip addr add 10.7.0.1/20 dev v0 && ip link set v0 up
ip tuntap add tap0 mode tap && ip addr add 10.10.0.1/24 dev tap0 && ip link set tap0 up
ip link add v2 type veth peer name v3 && ip addr add 10.8.0.1/24 dev v2 && ip link set v2 up && ip link set v3 up
`;

test('interfaces with their kinds and networks, also those at rest', async (t) => {
  if (!isRoot(t) || (await ensureProgram(t, { program: 'ip', package: 'iproute2' })) === null) return;
  const look = await Looker.create(t);
  const script = `mount -t sysfs sysfs /sys\n${INTERFACES}\nexec "$@"`;
  const [found] = await look.asks<readonly [readonly InterfaceFacts[]]>(
    ['unshare', '--net', '--mount', 'sh', '-ec', script, 'sh'],
    [['interfaces']],
  );
  const facts = found.map(({ name, kind, addresses, networks }) => [name, kind, addresses[0], networks[0]]);
  const sorted = facts.sort(([one = ''], [other = '']) => (String(one) < String(other) ? -1 : 1));
  assert.deepEqual(
    sorted.filter(([name]) => name !== 'v3'),
    [
      ['br0', 'bridge', '10.5.0.1', '10.5.0.0/24'],
      ['lo', 'loopback', '127.0.0.1', '127.0.0.0/8'],
      ['tap0', 'vpn', '10.10.0.1', '10.10.0.0/24'],
      ['v0', 'virtual', '10.7.0.1', '10.7.0.0/20'],
      ['v2', 'virtual', '10.8.0.1', '10.8.0.0/24'],
    ],
  );
});

test('where /sys is that of another network, kinds are unknown instead of wrong', async (t) => {
  if (!isRoot(t) || (await ensureProgram(t, { program: 'ip', package: 'iproute2' })) === null) return;
  const look = await Looker.create(t);
  const script = `${INTERFACES}\nexec "$@"`;
  const [found] = await look.asks<readonly [readonly InterfaceFacts[]]>(
    ['unshare', '--net', 'sh', '-ec', script, 'sh'],
    [['interfaces']],
  );
  const kinds = new Map(found.map(({ name, kind }) => [name, kind]));
  assert.deepEqual([kinds.get('lo'), kinds.get('br0'), kinds.get('v0')], ['loopback', 'unknown', 'unknown']);
});

test("the kernel's own tables of addresses", () => {
  const trie = `Main:
  +-- 0.0.0.0/1 2 0 2
     |-- 10.5.0.1
        /32 host LOCAL
     |-- 10.5.0.255
        /32 link BROADCAST
     |-- 10.11.0.1
        /32 host LOCAL
     |-- 127.0.0.0
        /8 host LOCAL
Local:
     |-- 10.5.0.1
        /32 host LOCAL
`;
  const routes = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
big0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0
br0\t0000050A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0
`;
  assert.deepEqual(ipv4Addresses(trie, routes), [
    { name: 'br0', address: '10.5.0.1', cidr: '10.5.0.1/24' },
    { name: 'big0', address: '10.11.0.1', cidr: '10.11.0.1/8' },
  ]);
  assert.deepEqual(ipv4Addresses(trie, ''), []);
  assert.deepEqual(ipv6Addresses('fd000005000000000000000000000001 02 40 00 c0      br0\nnonsense\n'), [
    { name: 'br0', address: 'fd00:5::1', cidr: 'fd00:5::1/64' },
  ]);
});

test('ranges of ports as the settings say; nonsense is none', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'settings-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const set = (name: string, text: string): void => writeFileSync(join(directory, name), text);
  assert.deepEqual(readPortRanges(directory), { ephemeral: null, reserved: [], unprivilegedFrom: 1024 });
  set('ip_local_port_range', '32768\t60999\n');
  set('ip_local_reserved_ports', '3000,8080-8089\n');
  set('ip_unprivileged_port_start', '0\n');
  assert.deepEqual(readPortRanges(directory), {
    ephemeral: [32768, 60999],
    reserved: [
      [3000, 3000],
      [8080, 8089],
    ],
    unprivilegedFrom: 0,
  });
  set('ip_local_port_range', 'nonsense\n');
  set('ip_local_reserved_ports', 'nonsense,9000\n');
  assert.deepEqual(readPortRanges(directory).ephemeral, null);
  assert.deepEqual(readPortRanges(directory).reserved, [[9000, 9000]]);
  assert.notEqual(readPortRanges().ephemeral, null, 'of this machine');
});

test('another network namespace is found by its processes, and its sockets through them', async (t) => {
  if (!isRoot(t)) return;
  const program = await SocketProgram.start(t, ['unshare', '--net']);
  const look = await Looker.create(t);
  if (program === null) return;
  await program.does('tcp', '0.0.0.0', 5000, 'listen');
  const child = Number(await program.does('fork'));
  const found = readOtherNetworks().namespaces.find(({ pids }) => pids.includes(program.pid));
  assert.deepEqual(
    found?.pids,
    [program.pid, child].sort((one, other) => one - other),
  );
  assert.notEqual(found?.id, readNamespaces().network);
  type Answers = readonly [
    SocketTable,
    { readonly namespaces: readonly OtherNamespace[]; readonly gaps: readonly Gap[] },
  ];
  const questions = [['sockets', 'listening', program.pid], ['otherNetworkNamespaces']] as const;
  const [table] = await look.asks<Answers>([], questions);
  assert.deepEqual(
    table.sockets.map(({ local }) => local),
    [{ address: '0.0.0.0', port: 5000 }],
  );
  // Others may not ask in which network a process lives.
  const [, hidden] = await look.asks<Answers>(AS_NOBODY, questions);
  assert.equal(
    hidden.namespaces.some(({ pids }) => pids.includes(program.pid)),
    false,
  );
  assert.match(hidden.gaps[0]?.why ?? '', /^\d+ processes of other users/);
});

test('the sockets of a process that is gone cannot be told: that is no empty table', async (t) => {
  const look = await Looker.create(t);
  // Above what a pid can be.
  const [table] = await look.asks<readonly [SocketTable]>([], [['sockets', 'listening', 4_194_305]]);
  assert.deepEqual([table.sockets, table.gaps.length], [[], 1]);
});

test('what can be listened on is tried as a server would', async (t) => {
  if (!isRoot(t) || (await ensureProgram(t, { program: 'ip', package: 'iproute2' })) === null) return;
  const program = await SocketProgram.start(t, [
    'unshare',
    '--net',
    'sh',
    '-ec',
    'ip link set lo up; exec "$@"',
    'sh',
  ]);
  const look = await Looker.create(t);
  if (program === null) return;
  await program.does('tcp', '127.0.0.1', 5000, 'listen');
  const tries = [
    ['127.0.0.1', 5000, false],
    ['127.0.0.2', 5000, false],
    ['0.0.0.0', 5000, false],
    ['::', 5000, false],
    ['::', 5000, true],
    ['::1', 5000, false],
    ['203.0.113.1', 5000, false],
    ['127.0.0.1', 5001, false],
  ] as const;
  const questions = tries.map((words) => ['tryListen', ...words] as const);
  const word = ({ bindable, code }: { bindable: boolean; code?: string }) => (bindable ? 'free' : code);
  type Answers = readonly { bindable: boolean; code?: string }[];
  assert.deepEqual((await look.asks<Answers>(program.besides, questions)).map(word), [
    'EADDRINUSE',
    'free',
    'EADDRINUSE',
    'EADDRINUSE',
    'free',
    'free',
    'EADDRNOTAVAIL',
    'free',
  ]);
  const low = await look.asks<Answers>(
    [...program.besides, ...AS_NOBODY],
    [['tryListen', '127.0.0.1', 80, false]],
  );
  assert.deepEqual(low.map(word), ['EACCES']);
});
