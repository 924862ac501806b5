/**
 * Listening sockets and who holds them, from /proc/net and /proc/PID/fd (proc(5)). The one reader that supervisor and inspector
 * share. It must not know runs or services.
 */

import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import type { ListenerFacts, SocketOwners } from '../platform.ts';
import { readProcess } from './processes.ts';

const LISTEN = '0A';
const CHUNK = 256 * 1024;

/** All listening TCP sockets of this network namespace, both families. */
export function readListeners(): readonly ListenerFacts[] {
  return [...listenersOf('/proc/net/tcp', 4), ...listenersOf('/proc/net/tcp6', 6)];
}

/**
 * Pids that hold these inodes. Among `pids`: every holder. Among all processes: newest first, until each inode has one, since a
 * server is young compared with most of the table; then its parents as long as they hold it too, so that a server that forks its
 * workers is among its holders. Elders come first in each list.
 */
export function readOwners(inodes: ReadonlySet<number>, pids?: Iterable<number>): SocketOwners {
  const owners = new Map<number, number[]>();
  if (inodes.size === 0) return owners;
  // Errors of vanished and foreign processes are many; their stacks would cost more than the walk.
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    for (const pid of pids ?? newestFirst()) {
      noteHolder(owners, inodes, pid);
      if (pids === undefined && owners.size === inodes.size) break;
    }
    for (const [inode, holders] of owners) {
      if (pids === undefined) climb(holders, inode);
      else if (holders.length > 1) owners.set(inode, eldersFirst(holders));
    }
  } finally {
    Error.stackTraceLimit = limit;
  }
  return owners;
}

function noteHolder(owners: Map<number, number[]>, inodes: ReadonlySet<number>, pid: number): void {
  for (const inode of socketsOf(pid)) {
    if (!inodes.has(inode)) continue;
    const holders = owners.get(inode);
    if (holders === undefined) owners.set(inode, [pid]);
    else if (!holders.includes(pid)) holders.push(pid);
  }
}

function climb(holders: number[], inode: number): void {
  for (let pid = parentOf(holders[0]); pid > 1 && holds(pid, inode); pid = parentOf(pid))
    holders.unshift(pid);
}

function holds(pid: number, inode: number): boolean {
  for (const socket of socketsOf(pid)) if (socket === inode) return true;
  return false;
}

function eldersFirst(holders: readonly number[]): number[] {
  const isHolder = new Set(holders);
  const depth = (pid: number): number => {
    let steps = 0;
    for (
      let parent = parentOf(pid);
      isHolder.has(parent) && steps < holders.length;
      parent = parentOf(parent)
    )
      steps += 1;
    return steps;
  };
  const depths = new Map(holders.map((pid) => [pid, depth(pid)]));
  return [...holders].sort((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0));
}

function parentOf(pid: number | undefined): number {
  return pid === undefined ? 0 : (readProcess(pid)?.parent ?? 0);
}

/**
 * The kernel prints listening sockets before all others, so reading stops at the first other row: with thousands of connections
 * the rest is never formatted.
 */
function listenersOf(file: string, family: 4 | 6): readonly ListenerFacts[] {
  const found: ListenerFacts[] = [];
  for (const row of rows(file)) {
    const fields = row.trim().split(/\s+/);
    const state = fields[3] ?? '';
    if (/^[0-9A-F]{2}$/.test(state) && state !== LISTEN) break;
    const listener = parseRow(fields, family);
    if (listener !== null) found.push(listener);
  }
  return found;
}

const ADDRESS = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/;
const NUMBER = /^\d+$/;

/** Fields: 0 slot, 1 local address, 3 state, 7 uid, 9 inode. Null for a row that does not read so. */
export function parseRow(fields: readonly string[], family: 4 | 6): ListenerFacts | null {
  const [, hexAddress = '', hexPort = ''] = ADDRESS.exec(fields[1] ?? '') ?? [];
  const [uid = '', inode = ''] = [fields[7], fields[9]];
  if (hexAddress.length !== (family === 4 ? 8 : 32) || fields[3] !== LISTEN) return null;
  if (!NUMBER.test(uid) || !NUMBER.test(inode)) return null;
  return {
    protocol: 'tcp',
    family,
    address: family === 4 ? bytesOf(hexAddress).join('.') : parseIPv6(hexAddress),
    port: Number.parseInt(hexPort, 16),
    inode: Number(inode),
    uid: Number(uid),
  };
}

/** `::`, `::1`, `::ffff:1.2.3.4`: as inet_ntop(3) writes it. */
function parseIPv6(hex: string): string {
  const bytes = bytesOf(hex);
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

const LAST_BYTE_FIRST = endianness() === 'LE';

/** The kernel prints words of four bytes in the machine's order. */
function bytesOf(hex: string): readonly number[] {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    const four = [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(word + at, word + at + 2), 16));
    bytes.push(...(LAST_BYTE_FIRST ? four.reverse() : four));
  }
  return bytes;
}

function* rows(file: string): Generator<string> {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    // A kernel without this family.
    return;
  }
  try {
    const buffer = Buffer.allocUnsafe(CHUNK);
    let rest = '';
    let header = true;
    for (let length = readSync(descriptor, buffer); length > 0; length = readSync(descriptor, buffer)) {
      const lines = (rest + buffer.toString('latin1', 0, length)).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (!header) yield line;
        header = false;
      }
    }
  } finally {
    closeSync(descriptor);
  }
}

function newestFirst(): readonly number[] {
  return readdirSync('/proc')
    .filter((entry) => entry.charCodeAt(0) >= 48 && entry.charCodeAt(0) <= 57)
    .map(Number)
    .sort((one, other) => other - one);
}

function* socketsOf(pid: number): Generator<number> {
  let descriptors: string[];
  try {
    descriptors = readdirSync(`/proc/${pid}/fd`);
  } catch {
    // Gone, or another user's.
    return;
  }
  for (const descriptor of descriptors) {
    try {
      const link = readlinkSync(`/proc/${pid}/fd/${descriptor}`);
      if (link.startsWith('socket:[')) yield Number(link.slice(8, -1));
    } catch {
      // Closed while we looked; the next one may still be there.
    }
  }
}
