/** Who can reach an address: this machine, the networks of one interface, every network. Pure. */

import type { InterfaceKind, Scope } from '../../core/inspection.ts';
import { contains, formatIp, type Ip, mappedIpv4, parseBlock, parseIp } from '../../core/ip.ts';
import type { InterfaceFacts } from '../../platform/facts.ts';

export interface PlaceWords {
  readonly scope: Scope;
  readonly interface: string | null;
  readonly interfaceKind: InterfaceKind | null;
}

const LOOPBACK = blocks('127.0.0.0/8', '::1/128');
/** Datagrams for a group come in on every network where somebody joined it. */
const MULTICAST = blocks('224.0.0.0/4', 'ff00::/8');

export function placeOf(address: string, interfaces: readonly InterfaceFacts[]): PlaceWords {
  const { scope, ip } = scopeOf(address);
  if (scope === 'wildcard' || ip === null) return { scope, interface: null, interfaceKind: null };
  const isLoopback = scope === 'loopback';
  // All of 127.0.0.0/8 belongs to the loopback interface, also where only 127.0.0.1 is written down.
  const holder = isLoopback
    ? interfaces.find(({ kind }) => kind === 'loopback')
    : (holderOf(ip, interfaces) ?? neighbourOf(ip, interfaces));
  return {
    scope,
    interface: holder?.name ?? null,
    interfaceKind: holder?.kind ?? (isLoopback ? 'loopback' : null),
  };
}

interface Reading {
  readonly scope: Scope;
  /** Of IPv4-mapped ones the IPv4 address. */
  readonly ip: Ip | null;
}

/** An address means the same for ever, and a thousand listeners are asked about again and again. */
const readings = new Map<string, Reading>();
const MOST_READINGS = 4096;

function scopeOf(address: string): Reading {
  const known = readings.get(address);
  if (known !== undefined) return known;
  const reading = read(address);
  if (readings.size >= MOST_READINGS) readings.clear();
  readings.set(address, reading);
  return reading;
}

function read(address: string): Reading {
  const parsed = parseIp(address);
  const ip = parsed === null ? null : (mappedIpv4(parsed) ?? parsed);
  if (ip === null || ip.value === 0n || MULTICAST.some((block) => contains(block, ip)))
    return { scope: 'wildcard', ip };
  return { scope: LOOPBACK.some((block) => contains(block, ip)) ? 'loopback' : 'interface', ip };
}

function holderOf(ip: Ip, interfaces: readonly InterfaceFacts[]): InterfaceFacts | undefined {
  const address = formatIp(ip);
  return interfaces.find(({ addresses }) => addresses.includes(address));
}

/** The address of a broadcast belongs to nobody, and neither does one that its interface has lost. */
function neighbourOf(ip: Ip, interfaces: readonly InterfaceFacts[]): InterfaceFacts | undefined {
  return interfaces.find(({ networks }) => blocks(...networks).some((block) => contains(block, ip)));
}

function blocks(...texts: readonly string[]): readonly NonNullable<ReturnType<typeof parseBlock>>[] {
  return texts.flatMap((text) => parseBlock(text) ?? []);
}
