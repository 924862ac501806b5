/**
 * Sockets of every kind as /proc/net shows them (proc(5)): TCP and UDP in all states, unix sockets. It must not know who holds
 * them (`holders.ts`).
 */

import type {
  Gap,
  SocketFacts,
  SocketSelection,
  SocketState,
  SocketTable,
  UnixSocketFacts,
} from '../facts.ts';
import { parseAddress } from './address.ts';
import { lines } from './lines.ts';

/** Source: the kernel's include/net/tcp_states.h. UDP uses 07 for a socket without a peer and 01 for a connected one. */
const TCP_STATES: Readonly<Record<string, SocketState>> = {
  '01': 'established',
  '02': 'syn-sent',
  '03': 'syn-received',
  '04': 'fin-wait-1',
  '05': 'fin-wait-2',
  '06': 'time-wait',
  '07': 'close',
  '08': 'close-wait',
  '09': 'last-ack',
  '0A': 'listen',
  '0B': 'closing',
  '0C': 'syn-received',
};

const TABLES = [
  { name: 'tcp', protocol: 'tcp', family: 4 },
  { name: 'tcp6', protocol: 'tcp', family: 6 },
  { name: 'udp', protocol: 'udp', family: 4 },
  { name: 'udp6', protocol: 'udp', family: 6 },
] as const;

type Table = (typeof TABLES)[number];

/** `directory`: `/proc/net`, or `/proc/PID/net` for the network namespace of that process. */
export function readSockets(directory: string, selection: SocketSelection): SocketTable {
  const sockets: SocketFacts[] = [];
  const gaps: Gap[] = [];
  for (const table of TABLES) {
    const file = `${directory}/${table.name}`;
    const malformed = readTable(file, table, selection, sockets, (why) => gaps.push({ what: file, why }));
    if (malformed > 0) gaps.push({ what: file, why: `${malformed} lines do not read as sockets` });
  }
  return { sockets, gaps };
}

/** Gives the number of lines that it could not read. */
function readTable(
  file: string,
  table: Table,
  selection: SocketSelection,
  found: SocketFacts[],
  unreadable: (why: string) => void,
): number {
  let malformed = 0;
  for (const line of lines(file, unreadable)) {
    const socket = parseSocket(line, table);
    if (socket === null) malformed += 1;
    else if (selection === 'all' || socket.state === 'listen' || socket.state === 'bound') found.push(socket);
    // The kernel prints listening TCP sockets before all others: with thousands of connections the rest is never formatted.
    else if (table.protocol === 'tcp') break;
  }
  return malformed;
}

const NUMBER = /^\d+$/;

/** Fields: 0 slot, 1 local address, 2 remote address, 3 state, 7 uid, 9 inode. Null for a line that does not read so. */
export function parseSocket(line: string, table: Pick<Table, 'protocol' | 'family'>): SocketFacts | null {
  const fields = line.trim().split(/\s+/);
  const local = parseAddress(fields[1] ?? '', table.family);
  const remote = parseAddress(fields[2] ?? '', table.family);
  const state = TCP_STATES[fields[3] ?? ''];
  const [uid = '', inode = ''] = [fields[7], fields[9]];
  if (local === null || remote === null || state === undefined) return null;
  if (!NUMBER.test(uid) || !NUMBER.test(inode)) return null;
  return {
    protocol: table.protocol,
    family: table.family,
    state: table.protocol === 'udp' && state === 'close' ? 'bound' : state,
    local,
    remote: remote.port === 0 ? null : remote,
    uid: Number(uid),
    inode: Number(inode),
  };
}

const UNIX_TYPES: Readonly<Record<string, UnixSocketFacts['type']>> = {
  '0001': 'stream',
  '0002': 'datagram',
  '0005': 'seqpacket',
};
/** The kernel's __SO_ACCEPTCON. */
const ACCEPTS = 0x10000;

/** Source: proc_net(5): slot, references, protocol, flags, type, state, inode, path. */
export function readUnixSockets(file = '/proc/net/unix'): {
  readonly sockets: readonly UnixSocketFacts[];
  readonly gaps: readonly Gap[];
} {
  const sockets: UnixSocketFacts[] = [];
  const gaps: Gap[] = [];
  let malformed = 0;
  for (const line of lines(file, (why) => gaps.push({ what: file, why }))) {
    const match = /^\S+ \S+ \S+ ([0-9A-F]{8}) ([0-9A-F]{4}) \S+ +(\d+)(?: (.*))?$/.exec(line);
    const type = UNIX_TYPES[match?.[2] ?? ''];
    if (match === null || type === undefined) malformed += 1;
    else
      sockets.push({
        type,
        path: match[4] ?? null,
        listening: (Number.parseInt(match[1] ?? '', 16) & ACCEPTS) !== 0,
        inode: Number(match[3]),
      });
  }
  if (malformed > 0) gaps.push({ what: file, why: `${malformed} lines do not read as sockets` });
  return { sockets, gaps };
}
