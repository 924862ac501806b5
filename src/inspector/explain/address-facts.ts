/** What an address is, and whether it is this machine's. It must not know names and ports. */

import type { AddressFacts } from '../../core/inspection.ts';
import { formatIp, type Ip, mappedIpv4, parseIp } from '../../core/ip.ts';
import type { InterfaceFacts } from '../../platform/facts.ts';
import type { Platform } from '../../platform/platform.ts';
import { purposeOf } from './special-purpose.ts';

export interface AddressTools {
  readonly platform: Pick<Platform, 'tryBind'>;
  readonly interfaces: readonly InterfaceFacts[];
}

/** `zone`: the interface that was named with it. */
export async function addressFacts(ip: Ip, zone: string | null, tools: AddressTools): Promise<AddressFacts> {
  const mapped = mappedIpv4(ip);
  const { kind, text, source } = purposeOf(ip);
  const meant = mapped ?? ip;
  const inner = purposeOf(meant);
  return {
    address: formatIp(ip),
    family: ip.family,
    kind,
    text: mapped === null ? text : `${text}; ${formatIp(mapped)} is ${inner.text}`,
    source,
    mapped: mapped === null ? null : formatIp(mapped),
    interface: zone ?? interfaceOf(meant, inner.kind, tools.interfaces),
    local: await isLocal(meant, inner.kind, tools),
  };
}

function interfaceOf(ip: Ip, kind: string, interfaces: readonly InterfaceFacts[]): string | null {
  const holder = interfaces.find(({ addresses }) =>
    addresses.some((address) => isSame(parseIp(address), ip)),
  );
  // The whole of 127.0.0.0/8 is there although only 127.0.0.1 is written down.
  const loopback = kind === 'loopback' ? interfaces.find((one) => one.kind === 'loopback') : undefined;
  return (holder ?? loopback)?.name ?? null;
}

/** Only loopback addresses are tried: for the others the interfaces say it, without opening anything to a network. */
async function isLocal(ip: Ip, kind: string, { platform, interfaces }: AddressTools): Promise<boolean> {
  if (kind === 'loopback') return (await platform.tryBind(formatIp(ip), 0)).bindable;
  const own = interfaces.flatMap(({ addresses }) => addresses.map(parseIp));
  return kind === 'unspecified'
    ? own.some((one) => one?.family === ip.family)
    : own.some((one) => isSame(one, ip));
}

export function isSame(one: Ip | null, other: Ip | null): boolean {
  return one !== null && other !== null && one.family === other.family && one.value === other.value;
}
