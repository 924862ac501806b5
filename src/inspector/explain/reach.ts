/** Who may reach listeners, in a sentence. Pure; what a firewall lets through is not known here, and that is said. */

import type { AddressFacts, ListenerDocument } from '../../core/inspection.ts';
import { contains, mappedIpv4, parseBlock, parseIp } from '../../core/ip.ts';
import type { InterfaceFacts } from '../../platform/facts.ts';

type Holder = Pick<ListenerDocument, 'address' | 'family' | 'interface'>;

const UNKNOWN = 'unless a firewall is in the way (not looked)';

/** Null: nothing listens. Of several listeners the most open one counts. */
export function reachOf(
  listeners: readonly ListenerDocument[],
  interfaces: readonly InterfaceFacts[],
): string | null {
  if (listeners.length === 0) return null;
  const wildcards = listeners.filter(({ scope }) => scope === 'wildcard');
  if (wildcards.length > 0) return everywhere(wildcards, interfaces);
  const names = new Set(listeners.filter(({ scope }) => scope === 'interface').map((one) => one.interface));
  if (names.size === 0) return 'only this machine';
  const networks = [...names].flatMap((name) =>
    name === null ? [] : networkWords(name, listeners, interfaces),
  );
  return networks.length === 0
    ? 'nobody now: no interface has its address any more'
    : `the hosts of ${networks.join(' and of ')}, ${UNKNOWN}`;
}

/** Of an address alone, whoever listens there; null: it is not this machine's. */
export function reachOfAddresses(
  addresses: readonly AddressFacts[],
  interfaces: readonly InterfaceFacts[],
): string | null {
  const own = addresses.filter(({ local }) => local);
  if (own.length === 0) return null;
  const isLoopback = ({ kind, address, mapped }: AddressFacts): boolean =>
    kind === 'loopback' || (mapped ?? address).startsWith('127.');
  if (own.every(isLoopback)) return 'only this machine';
  if (own.some(({ kind }) => kind === 'unspecified')) return everywhere(own, interfaces);
  const names = [...new Set(own.flatMap((one) => one.interface ?? []))];
  return `the hosts of ${names.flatMap((name) => networkWords(name, own, interfaces)).join(' and of ')}, ${UNKNOWN}`;
}

function everywhere(listeners: readonly Holder[], interfaces: readonly InterfaceFacts[]): string {
  // A listener on `::` takes IPv4 too, as a rule.
  const families = listeners.some(({ family }) => family === 6) ? [4, 6] : [4];
  const networks = interfaces
    .filter(({ kind }) => kind !== 'loopback')
    .flatMap(({ name, networks }) =>
      networks.filter((network) => isOf(network, families)).map((network) => `${network} (${name})`),
    );
  return networks.length === 0
    ? 'only this machine now, since it is in no network; every host of each network that it joins'
    : `every host of the networks of this machine, ${networks.join(', ')}, ${UNKNOWN}`;
}

/** Link-local networks are everywhere, and say nothing. */
function isOf(network: string, families: readonly number[]): boolean {
  const block = parseBlock(network);
  return block !== null && families.includes(block.base.family) && !network.startsWith('fe80::');
}

/** The networks of an interface that hold one of the addresses. */
function networkWords(
  name: string,
  holders: readonly Holder[],
  interfaces: readonly InterfaceFacts[],
): readonly string[] {
  const ips = holders
    .filter((one) => one.interface === name)
    .flatMap(({ address }) => parseIp(address) ?? []);
  const networks = (interfaces.find((one) => one.name === name)?.networks ?? []).filter((network) => {
    const block = parseBlock(network);
    return block !== null && ips.some((ip) => contains(block, mappedIpv4(ip) ?? ip));
  });
  return [`${name}'s network${networks.length > 1 ? 's' : ''} ${networks.join(', ')}`.trim()];
}
