/**
 * One row of /proc/net/{tcp,tcp6,udp,udp6} (proc_net(5)), read byte by byte: a table may have tens of thousands, and making strings
 * of all their fields would cost more than the kernel's own work. It must not know files.
 */

import type { Place, SocketFacts, SocketState } from '../facts.ts';
import { formatIPv4, formatWords } from './address.ts';

/** Source: the kernel's include/net/tcp_states.h. UDP uses 7 for a socket without a peer and 1 for a connected one. */
const STATES: readonly (SocketState | undefined)[] = [
  undefined,
  'established',
  'syn-sent',
  'syn-received',
  'fin-wait-1',
  'fin-wait-2',
  'time-wait',
  'close',
  'close-wait',
  'last-ack',
  'listen',
  'closing',
  'syn-received',
];

const SPACE = 32;
const ZERO = 48;
const COLON = 58;
const MOST_DIGITS = 15;
/** By byte; -1: no digit. The kernel writes capitals. */
const HEX = new Int8Array(256).fill(-1);
for (const [value, digit] of [...'0123456789ABCDEF'].entries()) HEX[digit.charCodeAt(0)] = value;

/**
 * Fields: slot, local address, remote address, state, queues, timer, retransmissions, uid, timeout, inode, others. Null for bytes
 * [from, to) that do not read so.
 */
export function parseSocket(
  bytes: Buffer,
  from: number,
  to: number,
  protocol: 'tcp' | 'udp',
  family: 4 | 6,
): SocketFacts | null {
  const row = new Row(bytes, from, to);
  row.pass(1);
  const local = row.place(family);
  const remote = row.place(family);
  const state = STATES[row.hexadecimal(2)];
  row.pass(3);
  const uid = row.decimal();
  row.pass(1);
  const inode = row.decimal();
  if (local === null || remote === null || state === undefined || uid < 0 || inode < 0) return null;
  // All tables have more fields: an inode at the very end is cut.
  if (row.isAtEnd()) return null;
  return {
    protocol,
    family,
    state: protocol === 'udp' && state === 'close' ? 'bound' : state,
    local,
    remote: remote.port === 0 ? null : remote,
    uid,
    inode,
  };
}

/** The local port of a row of which nothing else is wanted; -1: it does not read as one. */
export function localPortOf(bytes: Buffer, from: number, to: number): number {
  // `  12: 0100007F:1538 …`: behind the second colon.
  let at = from;
  for (let colons = 0; colons < 2; at += 1) {
    if (at >= to) return -1;
    if (bytes[at] === COLON) colons += 1;
  }
  if (at + 4 > to) return -1;
  let port = 0;
  for (const end = at + 4; at < end; at += 1) {
    const digit = HEX[bytes[at] ?? 0] ?? -1;
    if (digit < 0) return -1;
    port = port * 16 + digit;
  }
  return port;
}

/** Reads one field after the other. Each gives -1 or null for what is no such field, and so do all after it. */
class Row {
  #at: number;
  readonly #bytes: Buffer;
  readonly #end: number;

  constructor(bytes: Buffer, from: number, to: number) {
    this.#bytes = bytes;
    this.#at = from;
    this.#end = to;
  }

  /** Passes over so many fields, whatever they are. */
  pass(fields: number): void {
    for (let left = fields; left > 0; left -= 1) {
      this.#spaces();
      while (this.#at < this.#end && this.#bytes[this.#at] !== SPACE) this.#at += 1;
    }
  }

  place(family: 4 | 6): Place | null {
    this.#spaces();
    const address = family === 4 ? this.#ipv4() : this.#ipv6();
    if (address === null || this.#bytes[this.#at] !== COLON) return null;
    this.#at += 1;
    const port = this.#digits(4);
    return port < 0 || !this.#isOver() ? null : { address, port };
  }

  hexadecimal(digits: number): number {
    this.#spaces();
    const value = this.#digits(digits);
    return this.#isOver() ? value : -1;
  }

  decimal(): number {
    this.#spaces();
    const from = this.#at;
    let value = 0;
    for (; !this.#isOver(); this.#at += 1) {
      const digit = (this.#bytes[this.#at] ?? 0) - ZERO;
      if (digit < 0 || digit > 9) return -1;
      value = value * 10 + digit;
    }
    const length = this.#at - from;
    return length > 0 && length <= MOST_DIGITS ? value : -1;
  }

  isAtEnd(): boolean {
    return this.#at >= this.#end;
  }

  #ipv4(): string | null {
    const word = this.#digits(8);
    return word < 0 ? null : formatIPv4(word);
  }

  #ipv6(): string | null {
    const from = this.#at;
    for (let word = 0; word < 4; word += 1) if (this.#digits(8) < 0) return null;
    return formatWords(this.#bytes.toString('latin1', from, this.#at));
  }

  #digits(count: number): number {
    const end = this.#at + count;
    if (end > this.#end) return -1;
    let value = 0;
    for (; this.#at < end; this.#at += 1) {
      const digit = HEX[this.#bytes[this.#at] ?? 0] ?? -1;
      if (digit < 0) return -1;
      value = value * 16 + digit;
    }
    return value;
  }

  #isOver(): boolean {
    return this.#at >= this.#end || this.#bytes[this.#at] === SPACE;
  }

  #spaces(): void {
    while (this.#at < this.#end && this.#bytes[this.#at] === SPACE) this.#at += 1;
  }
}
