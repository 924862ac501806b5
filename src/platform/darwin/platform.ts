/**
 * The platform interface on macOS, by its own tools: enough to look at the machine, not to run services. Written from the manuals and
 * recorded output of those tools, never run on a Mac yet.
 */

import { hostname } from 'node:os';
import type { Gap, PortRanges } from '../facts.ts';
import { readHosts } from '../hosts.ts';
import { noHostsBlock } from '../hosts-block.ts';
import { readContainers } from '../linux/containers.ts';
import { fixedLowPorts } from '../low-ports.ts';
import { nodeInterfaces } from '../node-interfaces.ts';
import type { Platform } from '../platform.ts';
import { runTool, type Tool } from '../tools.ts';
import { unsupportedPlatform } from '../unsupported.ts';
import { ProcessList } from './process-list.ts';
import { DarwinSockets } from './sockets.ts';

/** Errors of what services need (claims, marks): PLATFORM_UNSUPPORTED. */
export function darwinPlatform(tool: Tool = runTool): Platform {
  const processes = new ProcessList(tool);
  const sockets = new DarwinSockets(tool, processes);
  const rest = unsupportedPlatform('darwin');
  return {
    ...rest,
    processes: (maxAgeMs) => processes.facts(maxAgeMs),
    process: (pid) => processes.one(pid),
    details: (pid) => processes.details(pid),
    // There are no network namespaces, so `of` makes no difference.
    sockets: (selection) => sockets.table(selection),
    unixSockets: () => ({ sockets: [], gaps: [NO_UNIX_SOCKETS] }),
    holders: (inodes) => sockets.holders(inodes),
    unlistedSockets: (port) => sockets.closed(port),
    describeProcess: (pid) => processes.describe(pid),
    userName: (uid) => processes.userName(uid),
    interfaces: () => nodeInterfaces(KINDS),
    portRanges: () => readPortRanges(tool),
    blindSpots: () => [...blindSpots(process.getuid?.() ?? 0), ...processes.gaps()],
    containers: () => readContainers(process.env),
    hostsFile: () => readHosts(HOSTS),
    hostsBlock: async () =>
      noHostsBlock(
        'changing the hosts file of this system is not written yet',
        'write the lines into /etc/hosts yourself: `127.0.0.1 web.shop.localhost`',
      ),
    lowPorts: async () => fixedLowPorts('impossible', NO_LOW_PORTS, LOW_PORTS_FIX),
    trust: async () => (await import('./trust.ts')).darwinTrust(),
    hostName: hostname,
    health: async () => {
      const { readHosts: readHostsForDoctor } = await import('../linux/doctor-names.ts');
      return { ...(await rest.health()), hostsFile: () => readHostsForDoctor(HOSTS) };
    },
  };
}

const HOSTS = '/etc/hosts';

const NO_UNIX_SOCKETS: Gap = { what: 'unix sockets', why: 'reading them is not written for macOS yet' };

/** Which of the cards is wireless differs from model to model. */
const KINDS = [
  [/^lo\d/, 'loopback'],
  [/^en\d/, 'lan'],
  [/^(?:awdl|llw|ap)\d/, 'wireless'],
  [/^(?:utun|ipsec|ppp|tun|tap)\d/, 'vpn'],
  [/^(?:bridge|vmenet)\d/, 'bridge'],
  [/^(?:gif|stf|anpi|feth|vnic)\d/, 'virtual'],
] as const;

const SYSCTL = '/usr/sbin/sysctl';
const RANGE = ['net.inet.ip.portrange.first', 'net.inet.ip.portrange.last'];

function readPortRanges(tool: Tool): PortRanges {
  const [first, last] = tool(SYSCTL, ['-n', ...RANGE])
    .stdout.trim()
    .split(/\s+/)
    .map(Number);
  const isRange = first !== undefined && last !== undefined && first > 0 && first <= last;
  return {
    ephemeral: isRange ? [first, last] : null,
    reserved: [],
    // Since macOS 10.14 this counts for single addresses alone: anybody may listen on 0.0.0.0:80.
    unprivilegedFrom: 1024,
  };
}

function blindSpots(uid: number): readonly Gap[] {
  if (uid === 0) return [];
  return [
    {
      what: 'who shares a socket, and working directories, of other users',
      why: 'lsof shows them to root only',
    },
  ];
}

const NO_LOW_PORTS = 'macOS gives low ports on loopback addresses to root only';
const LOW_PORTS_FIX = 'use the names with their port: `lo open --print` shows them';
