/** How this machine's network is divided: port ranges, namespaces. */

import { readFileSync, readlinkSync } from 'node:fs';
import type { Gap, NamespaceIds, OtherNamespace, PortRanges } from '../facts.ts';
import { isForbidden, newestFirst, withoutStacks } from './descriptors.ts';

export function readPortRanges(settings = '/proc/sys/net/ipv4'): PortRanges {
  const text = (name: string): string => read(`${settings}/${name}`).trim();
  const [, first, last] = /^(\d+)\s+(\d+)$/.exec(text('ip_local_port_range')) ?? [];
  const lowest = text('ip_unprivileged_port_start');
  return {
    ephemeral: first === undefined ? null : [Number(first), Number(last)],
    reserved: text('ip_local_reserved_ports').split(',').flatMap(rangeOf),
    // What it was before it could be set (Linux 4.11).
    unprivilegedFrom: /^\d+$/.test(lowest) ? Number(lowest) : 1024,
  };
}

function rangeOf(text: string): readonly (readonly [number, number])[] {
  const [, first, last = first] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? [];
  return first === undefined ? [] : [[Number(first), Number(last)]];
}

export function readNamespaces(): NamespaceIds {
  return { network: link('/proc/self/ns/net'), processes: link('/proc/self/ns/pid') };
}

/** Those in which a process lives, the eldest first. One that is only kept by a file (`ip netns add`) or a socket is not found. */
export function readOtherNetworks(): {
  readonly namespaces: readonly OtherNamespace[];
  readonly gaps: readonly Gap[];
} {
  const own = link('/proc/self/ns/net');
  const found = new Map<string, number[]>();
  let closed = 0;
  withoutStacks(() => {
    for (const pid of [...newestFirst()].reverse()) {
      const network = networkOf(pid);
      if (network === 'closed') closed += 1;
      else if (network !== null && network !== own) push(found, network, pid);
    }
  });
  const why = `${closed} processes of other users do not show theirs`;
  return {
    namespaces: [...found].map(([id, pids]) => ({ id, pids })),
    gaps: closed === 0 ? [] : [{ what: 'network namespaces', why }],
  };
}

/** As /proc/PID/ns/net names it. Null: the process is gone. */
export function networkOf(pid: number): string | 'closed' | null {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch (error) {
    return isForbidden(error) ? 'closed' : null;
  }
}

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
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
