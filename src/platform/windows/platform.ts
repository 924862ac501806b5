/**
 * The platform interface on Windows, by its own tools: enough to look at the machine, not to run services. Written from the manuals
 * and recorded output of those tools, never run on Windows yet.
 */

import { hostname } from 'node:os';
import type { Gap, PortRanges } from '../facts.ts';
import { readHosts } from '../hosts.ts';
import { noHostsBlock } from '../hosts-block.ts';
import { fixedLowPorts } from '../low-ports.ts';
import { nodeInterfaces } from '../node-interfaces.ts';
import type { Platform } from '../platform.ts';
import { runTool, type Tool } from '../tools.ts';
import { unsupportedPlatform } from '../unsupported.ts';
import { parseDynamicPorts, parseExcludedPorts } from './port-ranges.ts';
import { ProcessList } from './process-list.ts';
import { HOSTS, NETSH } from './programs.ts';
import { WindowsSockets } from './sockets.ts';

/** Errors of what services need (claims, marks): PLATFORM_UNSUPPORTED. */
export function windowsPlatform(tool: Tool = runTool): Platform {
  const processes = new ProcessList(tool);
  const sockets = new WindowsSockets(tool, (pid) => processes.knows(pid));
  return {
    ...unsupportedPlatform('win32'),
    processes: (maxAgeMs) => processes.facts(maxAgeMs),
    process: (pid) => processes.one(pid),
    details: (pid) => processes.details(pid),
    // There are no network namespaces, so `of` makes no difference.
    sockets: (selection) => sockets.table(selection),
    unixSockets: () => ({ sockets: [], gaps: [NO_UNIX_SOCKETS] }),
    holders: (inodes) => sockets.holders(inodes),
    unlistedSockets: (port) => sockets.bound(port),
    describeProcess: (pid) => processes.describe(pid),
    userName: () => 'unknown',
    interfaces: () => nodeInterfaces(KINDS),
    portRanges: () => readPortRanges(tool),
    blindSpots: () => [...BLIND_SPOTS, ...processes.gaps()],
    containers: () => Promise.resolve({ containers: [], gaps: [NO_CONTAINERS] }),
    hostsFile: () => readHosts(HOSTS),
    hostsBlock: async () =>
      noHostsBlock(
        'changing the hosts file of this system is not written yet',
        'write the lines into C:\\Windows\\System32\\drivers\\etc\\hosts yourself',
      ),
    lowPorts: async () => fixedLowPorts('done', 'Windows asks no privilege for low ports', null),
    trust: async () => (await import('./trust.ts')).windowsTrust(),
    hostName: hostname,
  };
}

const NO_UNIX_SOCKETS: Gap = { what: 'unix sockets', why: 'Windows lists them nowhere' };
const NO_CONTAINERS: Gap = {
  what: 'containers',
  why: 'asking Docker over a named pipe is not written for Windows yet',
};

/** Always, also for administrators. */
const BLIND_SPOTS: readonly Gap[] = [
  {
    what: 'users and working directories of processes, and who inherited a socket',
    why: 'netstat and Win32_Process do not tell them',
  },
];

const KINDS = [
  [/loopback/i, 'loopback'],
  [/^(?:wi-?fi|wlan|wireless)/i, 'wireless'],
  [/vpn|tap-|wintun|wireguard|tailscale|zerotier|openvpn/i, 'vpn'],
  [/^vethernet|virtual|vmware|virtualbox/i, 'virtual'],
  [/^ethernet|^lan/i, 'lan'],
] as const;

function readPortRanges(tool: Tool): PortRanges {
  const show = (what: string): string => tool(NETSH, ['int', 'ipv4', 'show', what, 'tcp']).stdout;
  return {
    ephemeral: parseDynamicPorts(show('dynamicport')),
    reserved: parseExcludedPorts(show('excludedportrange')),
    // Windows asks no privilege for low ports.
    unprivilegedFrom: 0,
  };
}
