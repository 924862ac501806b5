/** Addresses as the tables of /proc/net write them: words of four bytes in the machine's order, in hexadecimal. */

import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';

const LAST_BYTE_FIRST = endianness() === 'LE';

/** Few addresses stand in many rows. */
const MOST_REMEMBERED = 1024;
const remembered = new Map<string, string>();

/** `word`: the eight digits as a number. */
export function formatIPv4(word: number): string {
  const [a, b, c, d] = [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255];
  return LAST_BYTE_FIRST ? `${d}.${c}.${b}.${a}` : `${a}.${b}.${c}.${d}`;
}

/** `hex`: the 32 digits of four words. */
export function formatWords(hex: string): string {
  const known = remembered.get(hex);
  if (known !== undefined) return known;
  const groups: string[] = [];
  for (let word = 0; word < 32; word += 8) {
    const bytes = [0, 2, 4, 6].map((at) => hex.slice(word + at, word + at + 2));
    const [a, b, c, d] = LAST_BYTE_FIRST ? bytes.reverse() : bytes;
    groups.push(`${a}${b}`, `${c}${d}`);
  }
  const address = formatIPv6(groups.join(':'));
  if (remembered.size >= MOST_REMEMBERED) remembered.clear();
  remembered.set(hex, address);
  return address;
}

/** `::`, `::1`, `::ffff:1.2.3.4`: as inet_ntop(3) writes eight groups. */
export function formatIPv6(groups: string): string {
  return new SocketAddress({ address: groups, family: 'ipv6' }).address;
}
