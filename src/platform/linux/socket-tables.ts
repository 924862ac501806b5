/**
 * Sockets of every kind as /proc/net shows them (proc_net(5)): TCP and UDP in all states, unix sockets. What cannot be read becomes a
 * gap. It must not know who holds them (`holders.ts`).
 *
 * The kernel gives a table in pieces of a page. What comes or goes between two pieces may be missed, or stand in both: the second is
 * left out.
 */

import type { Gap, SocketFacts, SocketSelection, SocketTable, UnixSocketFacts } from '../facts.ts';
import { readLines } from './lines.ts';
import { localPortOf, parseSocket } from './socket-row.ts';

/** Not /proc/net: that one is missing where /proc is mounted with `subset=pid`. */
export const OWN_NETWORK = '/proc/self/net';

const TABLES = [
  { name: 'tcp', protocol: 'tcp', family: 4 },
  { name: 'tcp6', protocol: 'tcp', family: 6 },
  { name: 'udp', protocol: 'udp', family: 4 },
  { name: 'udp6', protocol: 'udp', family: 6 },
] as const;

type Table = (typeof TABLES)[number];

/** `directory`: /proc/PID/net of a process in the network namespace that is asked about. */
export function readSockets(
  directory: string,
  selection: SocketSelection,
  protocols: readonly Table['protocol'][] = ['tcp', 'udp'],
): SocketTable {
  const sockets: SocketFacts[] = [];
  const gaps: Gap[] = [];
  for (const table of TABLES) {
    if (!protocols.includes(table.protocol) || !isAsked(table, selection)) continue;
    const what = `${directory}/${table.name}`;
    const { error, malformed } = readTable(what, table, selection, sockets);
    // Kernels without IPv6 lack its tables. That of IPv4 TCP is missing only where there is nothing to look at: the process is gone.
    if (error !== null && (error !== 'ENOENT' || table.name === 'tcp'))
      gaps.push({ what, why: whyNot(error) });
    if (malformed > 0) gaps.push({ what, why: malformedLines(malformed) });
  }
  return { sockets, gaps };
}

function isAsked({ protocol, family }: Table, selection: SocketSelection): boolean {
  return typeof selection === 'string' || (protocol === 'tcp' && family === selection.family);
}

function readTable(
  file: string,
  { protocol, family }: Table,
  selection: SocketSelection,
  found: SocketFacts[],
): { readonly error: string | null; readonly malformed: number } {
  let malformed = 0;
  const seen = new Set<number>();
  const ports = typeof selection === 'object' ? selection.localPorts : null;
  const error = readLines(file, (bytes, from, to) => {
    // Most rows are not asked for: to parse them all would cost several times what the kernel does.
    if (ports !== null && !ports.has(localPortOf(bytes, from, to))) return true;
    const socket = parseSocket(bytes, from, to, protocol, family);
    if (socket === null) {
      malformed += 1;
      return true;
    }
    const { state, inode } = socket;
    // The kernel prints listening TCP sockets before all others: with thousands of connections the rest is never formatted.
    if (selection === 'listening' && state !== 'listen' && state !== 'bound') return protocol === 'udp';
    if (!seen.has(inode)) found.push(socket);
    // Those without a process all have 0.
    if (inode > 0) seen.add(inode);
    return true;
  });
  return { error, malformed };
}

const UNIX_TYPES: Readonly<Record<string, UnixSocketFacts['type']>> = {
  '0001': 'stream',
  '0002': 'datagram',
  '0005': 'seqpacket',
};
/** The kernel's __SO_ACCEPTCON. */
const ACCEPTS = 0x10000;
/** Slot, references, protocol, flags, type, state, inode, path. */
const UNIX_ROW = /^\S+ \S+ \S+ ([0-9A-F]{8}) ([0-9A-F]{4}) \S+ +(\d{1,15})(?: (.*))?$/s;

/**
 * Abstract names begin with `@`. The kernel prints paths as they are: one with a line break in it makes two lines, so that whoever may
 * bind a unix socket may also make a line of his own here.
 */
export function readUnixSockets(directory = OWN_NETWORK): {
  readonly sockets: readonly UnixSocketFacts[];
  readonly gaps: readonly Gap[];
} {
  const what = `${directory}/unix`;
  const sockets: UnixSocketFacts[] = [];
  let malformed = 0;
  const error = readLines(what, (bytes, from, to) => {
    const socket = parseUnixSocket(bytes.toString('utf8', from, to));
    if (socket === null) malformed += 1;
    else sockets.push(socket);
    return true;
  });
  const gaps: Gap[] = error === null ? [] : [{ what, why: whyNot(error) }];
  if (malformed > 0) gaps.push({ what, why: malformedLines(malformed) });
  return { sockets, gaps };
}

function parseUnixSocket(line: string): UnixSocketFacts | null {
  const [, flags = '', kind = '', inode = '', path = null] = UNIX_ROW.exec(line) ?? [];
  const type = UNIX_TYPES[kind];
  if (type === undefined) return null;
  const listening = (Number.parseInt(flags, 16) & ACCEPTS) !== 0;
  return { type, path, listening, inode: Number(inode) };
}

function whyNot(error: string): string {
  if (error === 'ENOENT' || error === 'ESRCH' || error === 'EINVAL')
    return `it is not there (${error}): the process is gone, or /proc does not show it`;
  return `it cannot be read (${error})`;
}

function malformedLines(count: number): string {
  return count === 1 ? 'one line does not read as a socket' : `${count} lines do not read as sockets`;
}
