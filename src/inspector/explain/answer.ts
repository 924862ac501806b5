/** The first line of `lo explain`: what it is and who listens there, in one sentence. Pure. */

import type {
  AddressFacts,
  ExplainReport,
  ListenerDocument,
  PortFacts,
  ServicePlace,
} from '../../core/inspection.ts';

export interface Findings {
  readonly subject: string;
  readonly name: ExplainReport['name'];
  /** False: the name was not looked up. */
  readonly asked: boolean;
  readonly addresses: readonly AddressFacts[];
  readonly port: PortFacts | null;
  readonly services: readonly ServicePlace[];
  /** A service of ours without a port that has the name, in words. */
  readonly portless: string | null;
  readonly listeners: readonly ListenerDocument[];
  /** On the same port at other addresses of this machine. */
  readonly beside: readonly ListenerDocument[];
  /** Sockets could not be read in whole. */
  readonly isBlind: boolean;
}

export function answerOf(findings: Findings): string {
  const { subject, name, addresses, port, listeners, services, isBlind } = findings;
  if (port === null) return `${subject} ${placeWords(findings)}.`;
  const isPortAlone = name === null && addresses.length === 0;
  const title = isPortAlone ? `Port ${port.port}` : subject;
  if (listeners.length > 0) return `${title} is where ${whoWords(listeners)}, ${reachWords(listeners)}.`;
  if (isPortAlone) {
    const state = isBlind
      ? 'whether anybody listens on it could not be seen'
      : `nothing listens on it${keptWords(services)}`;
    return `${title} is ${portWords(port)}; ${state}.`;
  }
  const state = stateWords(findings);
  const [first] = addresses;
  if (first !== undefined && isWildcard(first))
    return `${subject} means port ${port.port} on ${wildcardWords(addresses)}; ${state}.`;
  const host =
    addresses.every(isLoopback) && addresses.length > 0 ? 'this machine itself' : hostWords(findings);
  return `${subject} is port ${port.port} of ${host}; ${state}.`;
}

/** Of a place where nobody is seen to listen. */
function stateWords({ addresses, services, isBlind }: Findings): string {
  if (addresses.length > 0 && addresses.every((facts) => isLoopback(facts) && !facts.local))
    return 'this machine has no such address, so nobody can listen there';
  if (!addresses.some(({ local }) => local)) return 'what listens there was not looked at';
  return isBlind
    ? 'whether anybody listens there could not be seen'
    : `nothing listens there${keptWords(services)}`;
}

/** Without a port: `is this machine itself`. */
function placeWords(findings: Findings): string {
  const { name, addresses, services } = findings;
  const [first] = addresses;
  const [service] = services;
  if (first !== undefined && isWildcard(first)) return `means ${wildcardWords(addresses)}, not a single one`;
  if (name === null && service !== undefined)
    return `is the address of ${serviceWords(service)}, on this machine itself`;
  return `is ${hostWords(findings)}`;
}

function hostWords({ name, asked, addresses, services, portless }: Findings): string {
  const places = addresses.map(({ address }) => address).join(', then ');
  const [service] = services;
  if (name === null) return addressWords(addresses);
  if (name.addresses.length === 0 && service !== undefined) return `${serviceWords(service)}, at ${places}`;
  if (addresses.length === 0 && portless !== null) return portless;
  if (addresses.length === 0)
    return asked
      ? 'a name that leads nowhere'
      : 'a name that was not looked up, since only another machine may know it';
  if (addresses.every(isLoopback)) return `this machine itself: ${places}`;
  return `a name of ${places}, ${addressWords(addresses)}`;
}

function addressWords([first]: readonly AddressFacts[]): string {
  if (first === undefined) return 'no address';
  if (isLoopback(first)) return 'this machine itself (loopback)';
  const words = KIND_WORDS.get(first.kind) ?? 'an address for special purposes';
  if (first.local) return `this machine on ${first.interface ?? 'an interface'}, ${words}`;
  return `${words}, not of this machine`;
}

function wildcardWords(addresses: readonly AddressFacts[]): string {
  const family = addresses.length > 1 ? '' : `IPv${addresses[0]?.mapped === null ? addresses[0].family : 4} `;
  return `every ${family}address of this machine`;
}

const KIND_WORDS: ReadonlyMap<string, string> = new Map([
  ['global', 'a public address'],
  ['private-use', 'a private address'],
  ['unique-local', 'a private address'],
  ['shared', 'an address shared by a provider or a VPN'],
  ['link-local', 'a link-local address'],
  ['documentation', 'an address for examples in documentation'],
  ['benchmarking', 'an address for measurements'],
  ['multicast', 'a multicast group'],
  ['broadcast', 'the broadcast address of the local network'],
  ['discard', 'a black hole'],
  ['unassigned', 'an address that nobody has been given'],
  ['ipv4-mapped', 'an IPv4 address in IPv6 spelling'],
  ['deprecated', 'an address of a kind that was given up'],
]);

function isLoopback({ address, kind, mapped }: AddressFacts): boolean {
  return kind === 'loopback' || (mapped ?? address).startsWith('127.');
}

function isWildcard({ kind, mapped }: AddressFacts): boolean {
  return kind === 'unspecified' || mapped === '0.0.0.0';
}

function serviceWords({ service }: Pick<ServicePlace, 'service'>): string {
  return `the service ${service.name} of ${service.environment.name}`;
}

/** What would be there: a service of ours that does not run, or that listens at its own address. */
function keptWords([service]: readonly ServicePlace[]): string {
  if (service === undefined) return '';
  return `; ${serviceWords(service)} has ${service.address}:${service.port} and is ${service.state}`;
}

function portWords({ registered, customary, range }: PortFacts): string {
  if (customary !== null) return `used by ${customary}`;
  const entry = registered.tcp ?? registered.udp;
  if (entry !== null) return `registered for ${entry.name}${entry.text === '' ? '' : ` (${entry.text})`}`;
  return range === 'dynamic'
    ? 'a dynamic port, for which no service is registered'
    : 'a port without a registered service';
}

const MOST_NAMED = 2;

function whoWords(listeners: readonly ListenerDocument[]): string {
  const holders = [...new Set(listeners.map(holderWords))];
  if (holders.length > MOST_NAMED) return `${holders.length} programs listen`;
  return `${holders.join(' and ')} ${holders.length > 1 ? 'listen' : 'listens'}`;
}

export function holderWords(listener: ListenerDocument): string {
  const { service, container, owners, unit, user } = listener;
  const [owner] = owners;
  if (service !== null) return `the service ${service.name} of ${service.environment.name}`;
  if (container !== null)
    return `the ${container.runtime} container ${container.name ?? container.id ?? ''}`.trim();
  if (owner !== undefined) return `${owner.name} (pid ${owner.pid})`;
  return unit === null ? `a program of ${user} that cannot be seen` : unit.name;
}

/** The most open listener counts. */
function reachWords(listeners: readonly ListenerDocument[]): string {
  if (listeners.some(({ scope }) => scope === 'wildcard'))
    return 'reachable from every network of this machine';
  const open = listeners.find(({ scope }) => scope === 'interface');
  if (open === undefined) return 'reachable from this machine only';
  return `reachable from the network of ${open.interface ?? 'its address'}`;
}
