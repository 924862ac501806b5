/** A machine that a test of `lo explain` plays: its sockets, interfaces and hosts file, and what is ours. */

import type { ExplainReport, Holding } from '../../src/core/inspection.ts';
import { explain } from '../../src/inspector/explain/explain.ts';
import type { InterfaceFacts, ProcessDescription, SocketFacts } from '../../src/platform/facts.ts';
import type { Platform } from '../../src/platform/platform.ts';
import { fakePlatform } from '../support/fake-platform.ts';

export const LOOPBACK: InterfaceFacts = {
  name: 'lo',
  kind: 'loopback',
  addresses: ['127.0.0.1', '::1'],
  networks: ['127.0.0.0/8', '::1/128'],
};
export const WIRELESS: InterfaceFacts = {
  name: 'wlan0',
  kind: 'wireless',
  addresses: ['192.168.1.5', 'fe80::1234', '2001:db8:1::5'],
  networks: ['192.168.1.0/24', 'fe80::/64', '2001:db8:1::/64'],
};
export const BRIDGE: InterfaceFacts = {
  name: 'docker0',
  kind: 'bridge',
  addresses: ['172.17.0.1'],
  networks: ['172.17.0.0/16'],
};

export interface Scene {
  readonly sockets?: readonly (readonly [address: string, port: number, protocol?: 'tcp' | 'udp'])[];
  readonly interfaces?: readonly InterfaceFacts[];
  readonly holdings?: readonly Holding[];
  readonly hosts?: readonly string[];
  /** Addresses that cannot be bound. */
  readonly missing?: readonly string[];
  readonly unseen?: boolean;
  readonly platform?: Partial<Platform>;
}

const NODE: ProcessDescription = {
  pid: 812,
  parent: 1,
  session: 812,
  uid: 1000,
  user: 'ann',
  name: 'node',
  command: ['node', 'server.js'],
  cwd: '/home/ann/shop',
  executable: '/usr/bin/node',
  executableDeleted: false,
  startedAt: 0,
  cgroup: null,
};

export async function told(subject: string, scene: Scene = {}): Promise<ExplainReport> {
  const platform = fakePlatform({
    name: 'linux',
    sockets: () => ({ sockets: (scene.sockets ?? []).map(socketOf), gaps: [] }),
    holders: (inodes) => ({
      byInode: new Map(scene.unseen === true ? [] : [...inodes].map((inode) => [inode, [NODE.pid]])),
      closed: new Map([[1000, [NODE.pid]]]),
    }),
    describeProcess: (pid) => (pid === NODE.pid ? NODE : null),
    userName: () => 'ann',
    interfaces: () => scene.interfaces ?? [LOOPBACK, WIRELESS],
    portRanges: () => ({ ephemeral: [32_768, 60_999], reserved: [], unprivilegedFrom: 1024 }),
    blindSpots: () => [{ what: 'processes of other users', why: 'this user may not look into them' }],
    hostsFile: () => ({
      path: '/etc/hosts',
      entries: (scene.hosts ?? ['127.0.0.1 localhost', '::1 localhost']).map((line, index) => {
        const [address = '', ...names] = line.split(' ');
        return { line: index + 1, address, names };
      }),
      gap: null,
    }),
    nameSources: () => ['files', 'dns'],
    hostName: () => 'laptop',
    lookUp: (name) => {
      const lines = (scene.hosts ?? ['127.0.0.1 localhost', '::1 localhost']).map((line) => line.split(' '));
      const addresses = lines.filter((words) => words.includes(name)).map(([address = '']) => address);
      return Promise.resolve({ addresses, code: null });
    },
    tryBind: (address, port) => {
      const taken = (scene.missing ?? []).includes(port === 0 ? address : `${address}:${port}`);
      return Promise.resolve(taken ? { bindable: false, code: 'EADDRNOTAVAIL' } : { bindable: true });
    },
    ...scene.platform,
  });
  return await explain(
    { platform, holdings: () => scene.holdings ?? [], now: () => 0, homeDirectory: '/home/ann' },
    { subject },
  );
}

function socketOf(
  [address, port, protocol = 'tcp']: readonly [string, number, ('tcp' | 'udp')?],
  index: number,
): SocketFacts {
  return {
    protocol,
    family: address.includes(':') ? 6 : 4,
    state: protocol === 'tcp' ? 'listen' : 'bound',
    local: { address, port },
    remote: null,
    uid: 1000,
    inode: 100 + index,
  };
}

export function holding(service: string, state: Holding['state'], address: string, port: number): Holding {
  return {
    environment: { id: 'shop-1', path: '/home/ann/shop', name: 'shop' },
    project: 'shop',
    service,
    state,
    pid: state === 'ready' ? NODE.pid : null,
    endpoints: [{ name: 'http', address, port }],
  };
}
