/** How this machine's network is laid out: interfaces, port ranges, namespaces. */

import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { formatBlock, parseBlock } from '../../core/ip.ts';
import type { Gap, InterfaceFacts, NamespaceIds, OtherNamespace, PortRanges } from '../facts.ts';
import { newestFirst } from './descriptors.ts';

export function readInterfaces(): readonly InterfaceFacts[] {
  return Object.entries(networkInterfaces()).map(([name, addresses]) => ({
    name,
    kind: kindOf(name),
    addresses: (addresses ?? []).map(({ address }) => address),
    networks: [...new Set((addresses ?? []).flatMap(({ cidr }) => networkOf(cidr)))],
  }));
}

function networkOf(cidr: string | null): readonly string[] {
  const block = cidr === null ? null : parseBlock(cidr);
  return block === null ? [] : [formatBlock(block)];
}

/** Source: the files that drivers put below /sys/class/net (sysfs-class-net). */
function kindOf(name: string): InterfaceFacts['kind'] {
  const has = (entry: string): boolean => existsSync(`/sys/class/net/${name}/${entry}`);
  if (name === 'lo') return 'loopback';
  if (has('bridge')) return 'bridge';
  if (has('wireless') || has('phy80211')) return 'wireless';
  if (has('tun_flags') || /DEVTYPE=(wireguard|ppp)/.test(read(`/sys/class/net/${name}/uevent`))) return 'vpn';
  if (has('device')) return 'lan';
  return has('uevent') ? 'virtual' : 'unknown';
}

export function readPortRanges(): PortRanges {
  const net = '/proc/sys/net/ipv4';
  const [first, last] = read(`${net}/ip_local_port_range`).trim().split(/\s+/).map(Number);
  const reserved = read(`${net}/ip_local_reserved_ports`).trim();
  const lowest = read(`${net}/ip_unprivileged_port_start`).trim();
  return {
    ephemeral: first === undefined || last === undefined ? null : [first, last],
    reserved: reserved === '' ? [] : reserved.split(',').map(rangeOf),
    unprivilegedFrom: lowest === '' ? 1024 : Number(lowest),
  };
}

function rangeOf(text: string): readonly [number, number] {
  const [first = 0, last = first] = text.split('-').map(Number);
  return [first, last];
}

export function readNamespaces(): NamespaceIds {
  return { network: link('/proc/self/ns/net'), processes: link('/proc/self/ns/pid') };
}

export function readOtherNetworks(): {
  readonly namespaces: readonly OtherNamespace[];
  readonly gaps: readonly Gap[];
} {
  const own = link('/proc/self/ns/net');
  const found = new Map<string, number[]>();
  let closed = 0;
  for (const pid of newestFirst()) {
    const id = link(`/proc/${pid}/ns/net`);
    if (id === null) closed += existsSync(`/proc/${pid}`) ? 1 : 0;
    else if (id !== own) found.set(id, [...(found.get(id) ?? []), pid]);
  }
  const gaps =
    closed === 0
      ? []
      : [{ what: 'network namespaces', why: `${closed} processes of other users do not show theirs` }];
  return { namespaces: [...found].map(([id, pids]) => ({ id, pids })), gaps };
}

function link(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    // Gone, or another user's.
    return null;
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
