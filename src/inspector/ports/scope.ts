/** Who can reach an address: this machine, the networks of one interface, every network. Pure. */

import type { InterfaceKind, Scope } from '../../core/inspection.ts';
import type { InterfaceFacts } from '../../platform/facts.ts';

export interface PlaceWords {
  readonly scope: Scope;
  readonly interface: string | null;
  readonly interfaceKind: InterfaceKind | null;
}

export function placeOf(address: string, interfaces: readonly InterfaceFacts[]): PlaceWords {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (plain === '0.0.0.0' || plain === '::')
    return { scope: 'wildcard', interface: null, interfaceKind: null };
  const holder = interfaces.find(({ addresses }) => addresses.includes(plain));
  const isLoopback = plain === '::1' || plain.startsWith('127.');
  return {
    scope: isLoopback ? 'loopback' : 'interface',
    interface: holder?.name ?? (isLoopback ? loopbackName(interfaces) : null),
    interfaceKind: holder?.kind ?? (isLoopback ? 'loopback' : null),
  };
}

/** All of 127.0.0.0/8 belongs to it, also where only 127.0.0.1 is written down. */
function loopbackName(interfaces: readonly InterfaceFacts[]): string | null {
  return interfaces.find(({ kind }) => kind === 'loopback')?.name ?? null;
}
