/**
 * Listening sockets and who holds them, from /proc/net and /proc/PID/fd (proc(5)). The one reader that supervisor and inspector
 * share. It must not know runs or services.
 */

import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';
import type { ListenerFacts, SocketOwners } from '../platform.ts';

const LISTEN = '0A';
const CHUNK = 256 * 1024;

/** All listening TCP sockets of this network namespace, both families. */
export function readListeners(): readonly ListenerFacts[] {
  return [...listenersOf('/proc/net/tcp', 4), ...listenersOf('/proc/net/tcp6', 6)];
}

/**
 * Pids that hold these inodes, among `pids` or all. Newest processes first, stops once every inode has an owner: a server is young
 * compared with most of the table. Each inode's list holds every holder only when `pids` is given.
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

/**
 * The kernel prints listening sockets before all others, so reading stops at the first other row: with thousands of connections
 * the rest is never formatted.
 */
function listenersOf(file: string, family: 4 | 6): readonly ListenerFacts[] {
  const found: ListenerFacts[] = [];
  for (const row of rows(file)) {
    const fields = row.trim().split(/\s+/);
    if (fields[3] !== LISTEN) break;
    const listener = parseRow(fields, family);
    if (listener !== null) found.push(listener);
  }
  return found;
}

/** Fields: 0 slot, 1 local address, 3 state, 7 uid, 9 inode. A row that does not read so is passed over. */
export function parseRow(fields: readonly string[], family: 4 | 6): ListenerFacts | null {
  const [hexAddress = '', hexPort = ''] = (fields[1] ?? '').split(':');
  const port = Number.parseInt(hexPort, 16);
  const inode = Number(fields[9]);
  const uid = Number(fields[7]);
  if (hexAddress.length !== (family === 4 ? 8 : 32) || Number.isNaN(port) || !Number.isInteger(inode))
    return null;
  const address = family === 4 ? parseIPv4(hexAddress) : parseIPv6(hexAddress);
  return { protocol: 'tcp', family, address, port, inode, uid };
}

/** Words of four bytes in the machine's order, which is little-endian on every system that Node 20 supports but s390x. */
function wordBytes(hex: string): readonly number[] {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    for (let byte = 6; byte >= 0; byte -= 2)
      bytes.push(Number.parseInt(hex.slice(word + byte, word + byte + 2), 16));
  }
  return bytes;
}

function parseIPv4(hex: string): string {
  return wordBytes(hex).join('.');
}

/** `::`, `::1` and `::ffff:1.2.3.4` in the form that people know; everything else with its longest run of zeros cut. */
function parseIPv6(hex: string): string {
  const bytes = wordBytes(hex);
  if (hex.startsWith('0000000000000000FFFF0000')) return `::ffff:${bytes.slice(12).join('.')}`;
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  const text = groups.join(':');
  const runs = text.match(/(?:^|:)0(?::0)+(?=:|$)/g) ?? [];
  const longest = runs.sort((one, other) => other.length - one.length)[0];
  return longest === undefined
    ? text
    : text
        .replace(longest, text.startsWith(longest) || text.endsWith(longest) ? '::' : ':')
        .replace(/:{3,}/, '::');
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
