/** Who can reach a listener, on real interfaces of a network namespace: all kinds that can be made there. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PortsReport } from '../../src/core/inspection.ts';
import { placeOf } from '../../src/inspector/ports/scope.ts';
import type { InterfaceFacts } from '../../src/platform/facts.ts';
import { PortsRig } from './ports-rig.ts';

const COMMANDS = [
  'link add veth0 type veth peer name veth1',
  'address add 192.168.5.2/24 dev veth0',
  'link set veth0 up',
  'link set veth1 up',
  'link add br0 type bridge',
  'address add 172.17.0.1/16 dev br0',
  'link set br0 up',
  'tuntap add dev tun0 mode tun',
  'address add 10.8.0.2/24 dev tun0',
  'link set tun0 up',
  'link add out0 type veth peer name out1',
  'address add 10.1.0.1/24 dev out0',
  'address add fd00:1::1/64 dev out0 nodad',
  'link set out0 up',
  'link set out1 up',
  'address add 10.99.0.1/32 dev lo',
  'address add 127.3.3.3/8 dev lo',
];

/** Port by address; each is asked about alone. */
const PLACES: Readonly<
  Record<
    string,
    readonly [port: number, scope: string, name: string | null, kind: string | null, words: string]
  >
> = {
  '127.0.0.1': [3001, 'loopback', 'lo', 'loopback', 'loopback (IPv4)'],
  '127.3.3.3': [3002, 'loopback', 'lo', 'loopback', 'loopback 127.3.3.3'],
  '127.200.1.1': [3003, 'loopback', 'lo', 'loopback', 'loopback 127.200.1.1'],
  '::1': [3004, 'loopback', 'lo', 'loopback', 'loopback (IPv6)'],
  '::ffff:127.0.0.1': [3005, 'loopback', 'lo', 'loopback', 'loopback ::ffff:127.0.0.1'],
  '0.0.0.0': [3006, 'wildcard', null, null, 'every address (IPv4)'],
  '::': [3007, 'wildcard', null, null, 'every address (IPv6, IPv4?)'],
  '192.168.5.2': [3008, 'interface', 'veth0', 'virtual', 'veth0 (virtual) 192.168.5.2'],
  '172.17.0.1': [3009, 'interface', 'br0', 'bridge', 'br0 (bridge) 172.17.0.1'],
  '10.8.0.2': [3010, 'interface', 'tun0', 'vpn', 'tun0 (VPN) 10.8.0.2'],
  '10.1.0.1': [3011, 'interface', 'out0', 'virtual', 'out0 (virtual) 10.1.0.1'],
  'fd00:1::1': [3012, 'interface', 'out0', 'virtual', 'out0 (virtual) fd00:1::1'],
  '10.99.0.1': [3013, 'interface', 'lo', 'loopback', 'lo (loopback) 10.99.0.1'],
  '::ffff:10.1.0.1': [3014, 'interface', 'out0', 'virtual', 'out0 (virtual) ::ffff:10.1.0.1'],
};

test('every kind of address has its scope, its interface and its words', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  rig.machine.run('sh', '-c', COMMANDS.map((words) => `ip ${words}`).join(' && '));
  // The test's own network, but the file system of the host: kinds are read from a view of its own.
  rig.machine.run('mount', '-t', 'sysfs', 'sysfs', '/sys');
  const wanted = Object.entries(PLACES).map(([address, [port]]) => `listen('${address}', ${port})`);
  await rig.machine.python(`
keep = [${wanted.join(', ')}]
group = socket(AF_INET, SOCK_DGRAM); group.bind(('224.0.0.251', 5353))
broadcast = socket(AF_INET, SOCK_DGRAM); broadcast.bind(('192.168.5.255', 137))
say()`);
  const { listeners } = await rig.report();
  const found = new Map(
    listeners.map((one) => [one.address, [one.port, one.scope, one.interface, one.interfaceKind]]),
  );
  for (const [address, [port, scope, name, kind]] of Object.entries(PLACES))
    assert.deepEqual(found.get(address), [port, scope, name, kind], address);
  assert.deepEqual(found.get('224.0.0.251'), [5353, 'wildcard', null, null]);
  assert.deepEqual(found.get('192.168.5.255'), [137, 'interface', 'veth0', 'virtual']);
  const text = await rig.told();
  for (const [port, , , , words] of Object.values(PLACES))
    assert.match(text, new RegExp(`^ *${port}/tcp {2}${words.replace(/[().?]/g, '\\$&')} {2,}`, 'm'));
  assert.match(text, /5353\/udp {2}multicast 224\.0\.0\.251 /);
  const of = async (scope: string): Promise<number> =>
    (await rig.lab.json<PortsReport>(['ports', '--scope', scope], rig.inside())).listeners.length;
  assert.deepEqual([await of('loopback'), await of('interface'), await of('wildcard')], [5, 8, 3]);
});

test('an address that its interface has lost is on none', async (t) => {
  const rig = await PortsRig.create(t);
  if (rig === null) return;
  const { machine } = rig;
  machine.run(
    'sh',
    '-c',
    'ip link add out0 type veth peer name out1 && ip address add 10.1.0.1/24 dev out0 && ip link set out0 up',
  );
  await machine.python("s = listen('10.1.0.1', 3000)\nsay()");
  assert.equal((await rig.listener(3000)).interface, 'out0');
  machine.run('ip', 'address', 'del', '10.1.0.1/24', 'dev', 'out0');
  const { scope, interface: name, interfaceKind } = await rig.listener(3000);
  assert.deepEqual([scope, name, interfaceKind], ['interface', null, null]);
  assert.match(await rig.told(), /3000\/tcp {2}10\.1\.0\.1, on no interface seen/);
});

test('addresses without a machine: loopback where no interface is seen, link-local, broadcast, what is none', () => {
  const eth0: InterfaceFacts = {
    name: 'eth0',
    kind: 'lan',
    addresses: ['192.168.1.5', 'fe80::1'],
    networks: ['192.168.1.0/24', 'fe80::/64'],
  };
  const place = (address: string, interfaces: readonly InterfaceFacts[] = [eth0]): readonly unknown[] => {
    const { scope, interface: name, interfaceKind } = placeOf(address, interfaces);
    return [scope, name, interfaceKind];
  };
  assert.deepEqual(place('127.0.0.1'), ['loopback', null, 'loopback']);
  assert.deepEqual(place('::ffff:0.0.0.0'), ['wildcard', null, null]);
  assert.deepEqual(place('fe80::1'), ['interface', 'eth0', 'lan']);
  assert.deepEqual(place('192.168.1.255'), ['interface', 'eth0', 'lan']);
  assert.deepEqual(place('8.8.8.8'), ['interface', null, null]);
  assert.deepEqual(place('ff02::fb'), ['wildcard', null, null]);
});
