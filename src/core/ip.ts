/**
 * IP addresses as numbers: to read and write them as inet_pton(3) and inet_ntop(3) do, and to ask which block one lies in. It must
 * not know what a block means, nor other spellings (`inspector/explain/ipv4-spelling.ts`).
 */

export type Family = 4 | 6;

export interface Ip {
  readonly family: Family;
  readonly value: bigint;
}

export interface Block {
  readonly base: Ip;
  /** Length of the prefix in bits. */
  readonly bits: number;
}

const DECIMAL_BYTE = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const DOTTED = new RegExp(`^${DECIMAL_BYTE}(?:\\.${DECIMAL_BYTE}){3}$`);
const GROUP = /^[0-9a-fA-F]{1,4}$/;
const GROUPS = 8;
/** What stands above the 32 bits of an IPv4-mapped address. */
const MAPPED = 0xffffn;

/** Null for anything but the plain forms; zones, brackets and prefix lengths are none. */
export function parseIp(text: string): Ip | null {
  if (DOTTED.test(text)) return { family: 4, value: parseDotted(text) };
  const groups = text.includes(':') ? parseGroups(text) : null;
  if (groups === null) return null;
  return { family: 6, value: groups.reduce((value, group) => (value << 16n) | BigInt(group), 0n) };
}

/** The shortest form (RFC 5952); of IPv4-mapped ones the IPv4 part is dotted. */
export function formatIp({ family, value }: Ip): string {
  if (family === 4) return formatDotted(value);
  const groups = groupsOf(value);
  const zeros = longestZeros(groups);
  if (value >> 32n === MAPPED) return `::ffff:${formatDotted(value & 0xffff_ffffn)}`;
  const words = groups.map((group) => group.toString(16));
  if (zeros.length < 2) return words.join(':');
  return `${words.slice(0, zeros.from).join(':')}::${words.slice(zeros.from + zeros.length).join(':')}`;
}

/** `10.0.0.0/8`; null when it is none. Bits behind the prefix are taken off. */
export function parseBlock(text: string): Block | null {
  const [, address = '', length = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const ip = parseIp(address);
  const bits = Number(length);
  if (ip === null || length === '' || bits > widthOf(ip.family)) return null;
  const rest = BigInt(widthOf(ip.family) - bits);
  return { base: { family: ip.family, value: (ip.value >> rest) << rest }, bits };
}

export function formatBlock({ base, bits }: Block): string {
  return `${formatIp(base)}/${bits}`;
}

export function contains(block: Block, ip: Ip): boolean {
  if (block.base.family !== ip.family) return false;
  const rest = BigInt(widthOf(ip.family) - block.bits);
  return block.base.value >> rest === ip.value >> rest;
}

/** The IPv4 address inside an IPv4-mapped one (`::ffff:0:0/96`, RFC 4291 section 2.5.5.2); null for all others. */
export function mappedIpv4({ family, value }: Ip): Ip | null {
  return family === 6 && value >> 32n === MAPPED ? { family: 4, value: value & 0xffff_ffffn } : null;
}

function widthOf(family: Family): number {
  return family === 4 ? 32 : 128;
}

function parseDotted(text: string): bigint {
  return text.split('.').reduce((value, part) => (value << 8n) | BigInt(part), 0n);
}

function formatDotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

function parseGroups(text: string): readonly number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const [before = null, after = []] = halves.map((half, index) => listOf(half, index === halves.length - 1));
  if (before === null || after === null) return null;
  const missing = GROUPS - before.length - after.length;
  if (halves.length === 1) return missing === 0 ? before : null;
  return missing < 1 ? null : [...before, ...new Array<number>(missing).fill(0), ...after];
}

/** `mayEndDotted`: only the last part of an address may be an IPv4 one. */
function listOf(half: string, mayEndDotted: boolean): readonly number[] | null {
  if (half === '') return [];
  const parts = half.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (mayEndDotted && index === parts.length - 1 && DOTTED.test(part)) {
      const value = Number(parseDotted(part));
      groups.push(value >>> 16, value & 0xffff);
    } else if (GROUP.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}

function groupsOf(value: bigint): readonly number[] {
  return Array.from({ length: GROUPS }, (_, index) =>
    Number((value >> BigInt(16 * (GROUPS - 1 - index))) & 0xffffn),
  );
}

/** The first of the longest runs. */
function longestZeros(groups: readonly number[]): { readonly from: number; readonly length: number } {
  let best = { from: 0, length: 0 };
  for (let from = 0; from < GROUPS; from += 1) {
    let length = 0;
    while (groups[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  return best;
}
