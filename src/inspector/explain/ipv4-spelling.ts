/**
 * The other spellings of IPv4 addresses: `127.1`, `0x7f.1`, `2130706433`. The C library (inet_aton(3)) and browsers (WHATWG URL,
 * "IPv4 parser") read them all. It must not know what an address is good for.
 */

import { type Ip, parseIp } from '../../core/ip.ts';

export interface Ipv4Reading {
  readonly ip: Ip;
  /** Four decimal parts. */
  readonly plain: boolean;
  /** A part begins with 0, so that programs disagree about the number. */
  readonly octal: boolean;
}

/** Null: it does not end in a number, so it is a name. `broken`: it does, and yet it is no address. */
export function readIpv4(text: string): Ipv4Reading | 'broken' | null {
  const parts = text.replace(/\.$/, '').split('.');
  if (!/^(\d+|0x[\da-f]*)$/i.test(parts.at(-1) ?? '')) return null;
  const plain = parseIp(text);
  if (plain !== null) return { ip: plain, plain: true, octal: false };
  const numbers = parts.map(numberOf);
  const last = numbers.pop() ?? Number.NaN;
  // What stands before the last part is one byte each; the last one fills what is left.
  const isBroken =
    numbers.length > 3 || numbers.some((number) => !(number <= 255)) || !(last < 256 ** (4 - numbers.length));
  if (isBroken) return 'broken';
  const value = numbers.reduce((sum, number, index) => sum + number * 256 ** (3 - index), last);
  return {
    ip: { family: 4, value: BigInt(value) },
    plain: false,
    octal: parts.some((part) => /^0\d/.test(part)),
  };
}

/** NaN: none. */
function numberOf(part: string): number {
  if (/^0x[\da-f]{1,16}$/i.test(part)) return Number.parseInt(part, 16);
  if (/^0[0-7]{0,16}$/.test(part)) return Number.parseInt(part, 8);
  return /^[1-9]\d{0,15}$/.test(part) ? Number(part) : Number.NaN;
}
