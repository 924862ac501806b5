/**
 * What tools print of sockets, made into facts: words of states, places, numbers that stand for inodes. The same for macOS and
 * Windows, which tell of a socket by its owner's pid. It must not run tools.
 */

import { formatIp, parseIp } from '../core/ip.ts';
import type { Gap, Place, SocketFacts, SocketSelection, SocketState } from './facts.ts';

/** One socket as a tool tells of it. */
export interface ToolRow {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly state: SocketState;
  readonly local: Place;
  readonly remote: Place | null;
  /** Null: the tool does not tell, or nobody has it any more. */
  readonly pid: number | null;
}

export interface Parsed<T> {
  readonly rows: readonly T[];
  /** Lines that should tell something and cannot be read. */
  readonly malformed: number;
}

/** Without underscores, which differ between tools: `FIN_WAIT_1`, `FIN_WAIT1`. */
const STATES: Readonly<Record<string, SocketState>> = {
  LISTEN: 'listen',
  LISTENING: 'listen',
  ESTABLISHED: 'established',
  SYNSENT: 'syn-sent',
  SYNRCVD: 'syn-received',
  SYNRECV: 'syn-received',
  SYNRECEIVED: 'syn-received',
  FINWAIT1: 'fin-wait-1',
  FINWAIT2: 'fin-wait-2',
  TIMEWAIT: 'time-wait',
  CLOSE: 'close',
  CLOSED: 'close',
  CLOSEWAIT: 'close-wait',
  LASTACK: 'last-ack',
  CLOSING: 'closing',
};

export function socketState(word: string): SocketState {
  return STATES[word.toUpperCase().replaceAll('_', '')] ?? 'unknown';
}

const LAST_PORT = 65_535;

/** `address`: `*` for any. Null: no address, or no port. Zones are left out; what IPv6 sockets have of IPv4 is written as mapped. */
export function toolPlace(family: 4 | 6, address: string, port: string): Place | null {
  if (!/^\d{1,5}$/.test(port) || Number(port) > LAST_PORT) return null;
  if (address === '*') return { address: family === 4 ? '0.0.0.0' : '::', port: Number(port) };
  const ip = parseIp(address.replace(/%.*$/, ''));
  if (ip === null || ip.family > family) return null;
  const plain = formatIp(ip);
  const text = family === 6 && ip.family === 4 ? `::ffff:${plain}` : withoutScope(plain);
  return { address: text, port: Number(port) };
}

/** Kernels of the BSD family keep the interface's number in the second group of a link-local address, and lsof shows it. */
function withoutScope(address: string): string {
  return address.replace(/^fe80:[\da-f]+::/, 'fe80::');
}

/** Keeps one number for one socket as long as this process lives, as an inode would. */
export class SocketIds {
  readonly #ids = new Map<string, number>();
  #last = 0;

  of(key: string): number {
    let id = this.#ids.get(key);
    if (id === undefined) {
      this.#last += 1;
      id = this.#last;
      this.#ids.set(key, id);
    }
    return id;
  }

  /** Forgets sockets that are no more. */
  keep(keys: ReadonlySet<string>): void {
    for (const key of this.#ids.keys()) if (!keys.has(key)) this.#ids.delete(key);
  }
}

/** One row with the number of its socket; 0: nobody has it any more. */
export interface NumberedRow extends ToolRow {
  readonly inode: number;
}

/** Several sockets of one process may say the same (SO_REUSEPORT): they are told apart by their order. */
export function numberRows(rows: readonly ToolRow[], ids: SocketIds): readonly NumberedRow[] {
  const keys = new Set<string>();
  const numbered = rows.map((row): NumberedRow => {
    if (row.state === 'time-wait') return { ...row, inode: 0 };
    const plain = `${placeKey(row)} ${row.pid}`;
    let key = plain;
    for (let more = 2; keys.has(key); more += 1) key = `${plain} ${more}`;
    keys.add(key);
    return { ...row, inode: ids.of(key) };
  });
  ids.keep(keys);
  return numbered;
}

/** The same for all who share a socket. */
export function placeKey({ protocol, family, local, remote }: Omit<ToolRow, 'pid' | 'state'>): string {
  const peer = remote === null ? '' : ` ${remote.address} ${remote.port}`;
  return `${protocol}${family} ${local.address} ${local.port}${peer}`;
}

/** -1: nobody tells. */
export const UNKNOWN_USER = -1;

export function factsOf(row: NumberedRow, uid: number): SocketFacts {
  const { protocol, family, state, local, remote, inode } = row;
  return { protocol, family, state, local, remote, inode, uid };
}

export function isSelected(
  { protocol, family, state, local, remote }: ToolRow,
  selection: SocketSelection,
): boolean {
  if (typeof selection === 'object')
    return protocol === 'tcp' && family === selection.family && selection.localPorts.has(local.port);
  return selection === 'all' || state === 'listen' || (state === 'bound' && remote === null);
}

/** What could not be read of a tool's output, as gaps. */
export function gapsOf(
  tool: string,
  what: string,
  failure: string | null,
  malformed: number,
): readonly Gap[] {
  const gaps: Gap[] = failure === null ? [] : [{ what, why: failure }];
  const lines = malformed === 1 ? 'one line' : `${malformed} lines`;
  if (malformed > 0) gaps.push({ what, why: `${lines} of ${tool} could not be understood` });
  return gaps;
}
