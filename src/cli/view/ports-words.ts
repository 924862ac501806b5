/** The words of `lo ports` for places, owners and what a listener belongs to. Pure; it must not print. */

import type { GatewayRef } from '../../core/gateway-holding.ts';
import type {
  ContainerRef,
  InterfaceKind,
  ListenerDocument,
  OwnerDocument,
  ServiceRef,
} from '../../core/inspection.ts';

type Placed = Pick<ListenerDocument, 'address' | 'scope' | 'interface' | 'interfaceKind'>;

/** `3000/tcp` */
export function portWords({ port, protocol }: Pick<ListenerDocument, 'port' | 'protocol'>): string {
  return `${port}/${protocol}`;
}

const WELL_KNOWN: Readonly<Record<string, string>> = {
  '127.0.0.1': 'loopback (IPv4)',
  '::1': 'loopback (IPv6)',
  '0.0.0.0': 'every address (IPv4)',
  // Whether it takes IPv4 too is in no table of the kernel; by default it does.
  '::': 'every address (IPv6, IPv4?)',
  '127.0.0.1 ::1': 'loopback',
  '0.0.0.0 ::': 'every address',
};

/** In words, with the address itself where it is not told by them; both families of one place are one. */
export function placeWords(listeners: readonly Placed[]): string {
  const [first] = listeners;
  if (first === undefined) return '';
  const addresses = listeners.map(({ address }) => address);
  return WELL_KNOWN[addresses.join(' ')] ?? listeners.map(onePlace).join(', ');
}

function onePlace({ address, scope, interface: name, interfaceKind }: Placed): string {
  const known = WELL_KNOWN[address];
  if (known !== undefined) return known;
  if (scope === 'loopback') return `loopback ${address}`;
  if (scope === 'wildcard') return `multicast ${address}`;
  if (name === null) return `${address}, on no interface seen`;
  const kind = interfaceKind === null ? '' : KINDS[interfaceKind];
  return `${name}${kind === '' ? '' : ` (${kind})`} ${address}`;
}

const KINDS: Readonly<Record<InterfaceKind, string>> = {
  loopback: 'loopback',
  lan: 'LAN',
  wireless: 'wireless',
  bridge: 'bridge',
  vpn: 'VPN',
  virtual: 'virtual',
  unknown: '',
};

/** More than this machine may reach it, as far as its address goes. */
export function isExposed({ scope }: Pick<ListenerDocument, 'scope'>): boolean {
  return scope !== 'loopback';
}

/** `node`, `nginx and 4 more`, `unseen, of root`. */
export function ownerWords({ owners, user }: ListenerDocument): string {
  const [owner] = owners;
  if (owner === undefined) return `unseen, of ${user}`;
  const stale = owner.stale ? ', replaced' : '';
  return owners.length === 1
    ? `${owner.name}${stale}`
    : `${owner.name}${stale} and ${owners.length - 1} more`;
}

/** `api of shop`, `container shop-db-1, port 5432`, `nginx.service`; '' for a process on its own. */
export function belongsWords({ service, container, unit, gateway }: ListenerDocument): string {
  if (gateway !== undefined) return gatewayWords(gateway);
  if (service !== null) return serviceWords(service);
  if (container !== null) return containerWords(container);
  if (unit === null) return '';
  return unit.manager === 'user' ? `${unit.name} (user)` : unit.name;
}

/** `link api:db of shop`, `gateway` */
export function gatewayWords({ link, environment }: GatewayRef): string {
  if (link === null) return 'gateway';
  return `link ${link}${environment === null ? '' : ` of ${environment.name}`}`;
}

function serviceWords({ name, environment, endpoint }: ServiceRef): string {
  return `${name} of ${environment.name}${endpoint === null ? ', undeclared' : ''}`;
}

function containerWords({ runtime, id, name, target }: ContainerRef): string {
  // The name says more than the runtime, and is never the same twice.
  const kind = name !== null || runtime === 'unknown' ? 'container' : `${runtime} container`;
  const who = name ?? id?.slice(0, 12) ?? target?.address ?? '';
  return `${kind}${who === '' ? '' : ` ${who}`}${target === null ? '' : `, port ${target.port}`}`;
}

/** Under a heading that says the first word: `by npm in ~/shop, from VS Code`. */
export function originWords(owner: OwnerDocument | undefined): string {
  return owner?.origin.replace(/^started /, '') ?? '';
}
