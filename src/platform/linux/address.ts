/** Addresses as the tables of /proc/net write them: words of four bytes in the machine's order, in hexadecimal. */

import { SocketAddress } from 'node:net';
import { endianness } from 'node:os';
import type { Place } from '../facts.ts';

const PLACE = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/;

/** Null for what does not read so. */
export function parseAddress(text: string, family: 4 | 6): Place | null {
  const [, hex = '', port = ''] = PLACE.exec(text) ?? [];
  if (hex.length !== (family === 4 ? 8 : 32)) return null;
  const address = family === 4 ? bytesOf(hex).join('.') : formatIPv6(hex);
  return { address, port: Number.parseInt(port, 16) };
}

/** `::`, `::1`, `::ffff:1.2.3.4`: as inet_ntop(3) writes it. */
function formatIPv6(hex: string): string {
  const known = FREQUENT[hex];
  if (known !== undefined) return known;
  const bytes = bytesOf(hex);
  const groups: string[] = [];
  for (let at = 0; at < 16; at += 2)
    groups.push((((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0)).toString(16));
  return new SocketAddress({ address: groups.join(':'), family: 'ipv6' }).address;
}

const LAST_BYTE_FIRST = endianness() === 'LE';
const FREQUENT: Readonly<Record<string, string>> = {
  '00000000000000000000000000000000': '::',
  [`000000000000000000000000${LAST_BYTE_FIRST ? '01000000' : '00000001'}`]: '::1',
};

function bytesOf(hex: string): readonly number[] {
  const bytes: number[] = [];
  for (let word = 0; word < hex.length; word += 8) {
    const four = [0, 2, 4, 6].map((at) => Number.parseInt(hex.slice(word + at, word + at + 2), 16));
    bytes.push(...(LAST_BYTE_FIRST ? four.reverse() : four));
  }
  return bytes;
}
