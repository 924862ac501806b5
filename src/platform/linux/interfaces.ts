/**
 * Network interfaces with their addresses and kinds. Node names only those that are up and have a carrier; a bridge without containers
 * or a tunnel at rest has addresses that can be bound all the same, so the kernel's own tables are asked for the others. It must not
 * know sockets.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { type Block, contains, formatBlock, parseBlock, parseIp } from '../../core/ip.ts';
import type { InterfaceFacts } from '../facts.ts';
import { formatIPv4, formatIPv6 } from './address.ts';
import { OWN_NETWORK } from './socket-tables.ts';

type Kind = InterfaceFacts['kind'];

/** Source: sysfs-class-net. */
const CLASS = '/sys/class/net';

export function readInterfaces(): readonly InterfaceFacts[] {
  const names = interfaceNames(read(`${OWN_NETWORK}/dev`));
  const kindOf = isOfThisNetwork(names) ? kindOfDevice : kindByName;
  const running = Object.entries(networkInterfaces()).map(([name, all = []]) => ({
    name,
    kind: all.some(({ internal }) => internal) ? ('loopback' as const) : kindOf(name),
    addresses: all.map(({ address }) => address),
    networks: networksOf(all.map(({ cidr }) => cidr ?? '')),
  }));
  const resting = names.filter((name) => running.every((one) => one.name !== name));
  return resting.length === 0 ? running : [...running, ...readResting(resting, kindOf)];
}

/** Interfaces that Node does not name; those without an address are left out, as it does. */
function readResting(names: readonly string[], kindOf: (name: string) => Kind): readonly InterfaceFacts[] {
  const places = [
    ...ipv6Addresses(read(`${OWN_NETWORK}/if_inet6`)),
    ...ipv4Addresses(read(`${OWN_NETWORK}/fib_trie`), read(`${OWN_NETWORK}/route`)),
  ];
  return names.flatMap((name) => {
    const own = places.filter((place) => place.name === name);
    if (own.length === 0) return [];
    const addresses = own.map(({ address }) => address);
    return [{ name, kind: kindOf(name), addresses, networks: networksOf(own.map(({ cidr }) => cidr)) }];
  });
}

interface AddressOfInterface {
  readonly name: string;
  readonly address: string;
  /** With its prefix length. */
  readonly cidr: string;
}

/** Rows of /proc/net/if_inet6: address, index, prefix length, scope, flags, name; all but the name in hexadecimal. */
export function ipv6Addresses(text: string): readonly AddressOfInterface[] {
  return text.split('\n').flatMap((row) => {
    const [, hex = '', bits = '', name = ''] =
      /^([0-9a-f]{32}) \S+ ([0-9a-f]{2}) \S+ \S+ +(\S+)$/.exec(row) ?? [];
    if (name === '') return [];
    // In the order of the network here, unlike in the tables of sockets.
    const address = formatIPv6((hex.match(/.{4}/g) ?? []).join(':'));
    return [{ name, address, cidr: `${address}/${Number.parseInt(bits, 16)}` }];
  });
}

/**
 * The table of routes tells an address's interface by the network around it; an address without such a route is left out, since no
 * table tells whose it is.
 */
export function ipv4Addresses(trie: string, routes: string): readonly AddressOfInterface[] {
  const networks = directRoutes(routes).sort((one, other) => other.block.bits - one.block.bits);
  const addresses = [...trie.matchAll(/\|-- (\S+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address);
  return [...new Set(addresses)].flatMap((address) => {
    const ip = parseIp(address);
    const network = ip === null ? undefined : networks.find(({ block }) => contains(block, ip));
    if (network === undefined) return [];
    return [{ name: network.name, address, cidr: `${address}/${network.block.bits}` }];
  });
}

/** Rows of /proc/net/route: name, destination, gateway, flags, four numbers, mask. Those without a gateway lead to neighbours. */
function directRoutes(text: string): { readonly name: string; readonly block: Block }[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((row) => {
      const [name = '', destination = '', gateway, , , , , mask = ''] = row.trim().split(/\s+/);
      if (gateway !== '00000000' || mask === '00000000') return [];
      const bits = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
      const block = parseBlock(`${formatIPv4(Number.parseInt(destination, 16))}/${bits}`);
      return block === null ? [] : [{ name, block }];
    });
}

function networksOf(cidrs: readonly string[]): readonly string[] {
  const blocks = cidrs.flatMap((cidr) => parseBlock(cidr) ?? []);
  return [...new Set(blocks.map(formatBlock))];
}

/** /proc/net/dev has two lines of headings. */
function interfaceNames(text: string): readonly string[] {
  return text
    .split('\n')
    .slice(2)
    .flatMap((row) => /^\s*([^:\s]+):/.exec(row)?.[1] ?? []);
}

/** /sys shows the network namespace in which it was mounted, which need not be ours. */
function isOfThisNetwork(names: readonly string[]): boolean {
  const shown = entries(CLASS).filter((entry) => existsSync(`${CLASS}/${entry}/ifindex`));
  return shown.length === names.length && shown.every((entry) => names.includes(entry));
}

/** include/uapi/linux/if_arp.h: ppp, ipip, ip6tnl, sit, gre, ip6gre, none (tun, wireguard). */
const TUNNELS = new Set([512, 768, 769, 776, 778, 823, 65534]);

function kindOfDevice(name: string): Kind {
  const has = (entry: string): boolean => existsSync(`${CLASS}/${name}/${entry}`);
  const type = Number(read(`${CLASS}/${name}/type`));
  const [, deviceType = ''] = /^DEVTYPE=(\w+)$/m.exec(read(`${CLASS}/${name}/uevent`)) ?? [];
  if (type === 772) return 'loopback';
  if (has('bridge')) return 'bridge';
  if (has('wireless') || has('phy80211') || deviceType === 'wlan') return 'wireless';
  if (has('tun_flags') || TUNNELS.has(type) || ['wireguard', 'ppp'].includes(deviceType)) return 'vpn';
  // A bond or a VLAN stands for the cards below it.
  if (has('device') || has('bonding') || ['bond', 'vlan', 'team'].includes(deviceType)) return 'lan';
  return has('uevent') ? 'virtual' : 'unknown';
}

/** Where /sys tells nothing: loopback has this name in every network namespace. */
function kindByName(name: string): Kind {
  return name === 'lo' ? 'loopback' : 'unknown';
}

function entries(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // /sys is not mounted, as in some containers.
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // A kernel without it.
    return '';
  }
}
