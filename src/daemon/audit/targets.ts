/**
 * Listeners as the inspector sees them become targets: rows of one server are joined, each gets the loopback address to dial, a name that
 * is the same in each run, and the addresses by which others reach it. Pure; it must not look at the machine.
 */

import type { NetworkInterface } from '../../audit/facts.ts';
import { placeText, type Target } from '../../audit/target.ts';
import type { ConfigPlace } from '../../core/audit.ts';
import type { ListenerDocument } from '../../core/inspection.ts';
import { formatIp, mappedIpv4, parseIp } from '../../core/ip.ts';
import { isLoopback } from '../../core/loopback.ts';

export interface TargetFacts {
  readonly interfaces: readonly NetworkInterface[];
  /** Of services of the project that is looked at. */
  readonly places: ReadonlyMap<string, ConfigPlace>;
  readonly recipes: ReadonlyMap<string, string | null>;
  readonly readyPaths: ReadonlyMap<string, string | null>;
  readonly csrfPaths: ReadonlyMap<string, readonly string[]>;
  /** Of each service the endpoint that needs no name. */
  readonly firstEndpoints: ReadonlyMap<string, string>;
}

/** In the order of the listeners. `all`: every listener of the machine, wanted or not, since one can stand before another. */
export function targetsOf(
  wanted: readonly ListenerDocument[],
  all: readonly ListenerDocument[],
  facts: TargetFacts,
): readonly Target[] {
  const servers = new Map<string, ListenerDocument[]>();
  for (const listener of wanted) {
    const key = serverKey(listener);
    servers.set(key, [...(servers.get(key) ?? []), listener]);
  }
  const targets = [...servers.values()].flatMap((listeners) => targetOf(listeners, all, facts));
  return targets.map((target) => {
    const twins = targets.filter(({ name }) => name === target.name);
    return twins.length === 1 ? target : { ...target, name: `${target.name} (${placeWords(target)})` };
  });
}

/**
 * One server: the same process on the same port, on localhost's two addresses or on wildcards. On any other loopback address it may be
 * another service, as with the gateway's links. Where the process is not seen, each row is taken for one of its own.
 */
function serverKey({ protocol, port, owners, address, service }: ListenerDocument): string {
  const plain = withoutMapping(address);
  const isOwn = isLoopback(plain) && plain !== '127.0.0.1' && plain !== '::1';
  const elder = owners[0]?.pid ?? plain;
  return `${protocol} ${port} ${elder} ${service?.name} ${service?.endpoint} ${isOwn ? plain : ''}`;
}

function targetOf(
  listeners: readonly ListenerDocument[],
  all: readonly ListenerDocument[],
  facts: TargetFacts,
): readonly Target[] {
  const [first] = listeners;
  if (first === undefined) return [];
  const { port, protocol } = first;
  const address = dialled(listeners, all);
  const service = listeners.find((one) => one.service !== null)?.service ?? null;
  return [
    {
      name: nameOf(first, service, facts),
      transport: protocol,
      address,
      port,
      authority: authorityOf(address, port),
      serverName: null,
      listeners,
      reachableAt: [...new Set(listeners.flatMap((one) => reachable(one, listeners, facts.interfaces)))],
      service:
        service === null
          ? null
          : {
              name: service.name,
              endpoint: service.endpoint,
              project: service.project,
              recipe: facts.recipes.get(service.name) ?? null,
            },
      paths: pathsOf(service === null ? null : (facts.readyPaths.get(service.name) ?? null)),
      csrfPaths: csrfPathsOf(service, facts),
      place: (service === null ? undefined : facts.places.get(service.name)) ?? null,
    },
  ];
}

/** A full URL there may lead elsewhere: its path alone counts. */
function pathsOf(ready: string | null): readonly string[] {
  return ready?.startsWith('/') === true && ready !== '/' ? ['/', ready] : ['/'];
}

/** Declared requests are for the endpoint that pages come from. */
function csrfPathsOf(service: ListenerDocument['service'], facts: TargetFacts): readonly string[] {
  if (service === null || service.endpoint === null) return [];
  const isMeant =
    /^https?$/.test(service.endpoint) || facts.firstEndpoints.get(service.name) === service.endpoint;
  return isMeant ? (facts.csrfPaths.get(service.name) ?? []) : [];
}

function nameOf(
  { owners, port }: ListenerDocument,
  service: ListenerDocument['service'],
  { firstEndpoints }: TargetFacts,
): string {
  if (service === null) return `${owners.at(-1)?.name ?? 'port'}:${port}`;
  if (service.endpoint === null) return `${service.name}:${port}`;
  return firstEndpoints.get(service.name) === service.endpoint
    ? service.name
    : `${service.name}/${service.endpoint}`;
}

/** IPv4 first: a server on both answers on both. */
function dialled(listeners: readonly ListenerDocument[], all: readonly ListenerDocument[]): string | null {
  const plain = listeners.map(({ address }) => withoutMapping(address));
  const [specific] = [...plain.filter(isLoopback)].sort((one, other) => one.length - other.length);
  const v4 = plain.find((address) => isLoopback(address) && !address.includes(':'));
  if (v4 !== undefined) return v4;
  if (plain.includes('0.0.0.0')) return freeLoopback(listeners, all);
  if (specific !== undefined) return specific;
  return plain.includes('::') ? '::1' : null;
}

/** Whoever listens on exactly one address stands before a wildcard there: so an address that nobody has is dialled. */
function freeLoopback(listeners: readonly ListenerDocument[], all: readonly ListenerDocument[]): string {
  const [first] = listeners;
  const taken = new Set(
    all.flatMap((other) =>
      other.protocol === first?.protocol && other.port === first.port && !listeners.includes(other)
        ? [withoutMapping(other.address)]
        : [],
    ),
  );
  for (let last = 1; last < 255; last += 1) if (!taken.has(`127.0.0.${last}`)) return `127.0.0.${last}`;
  return '127.0.0.1';
}

function authorityOf(address: string | null, port: number): string {
  if (address === null || address === '127.0.0.1' || address === '::1') return `localhost:${port}`;
  return placeText(address, port);
}

function reachable(
  { address, scope }: ListenerDocument,
  siblings: readonly ListenerDocument[],
  interfaces: readonly NetworkInterface[],
): readonly string[] {
  if (scope === 'loopback') return [];
  if (scope === 'interface') return [address];
  const outside = interfaces.flatMap(({ kind, addresses }) => (kind === 'loopback' ? [] : addresses));
  if (address === '0.0.0.0') return outside.filter((one) => !one.includes(':'));
  // `::` takes IPv4 too, unless a row of its own says otherwise.
  const hasOwn = siblings.some((one) => one.family === 4);
  return outside.filter((one) => one.includes(':') || !hasOwn).filter((one) => !isLoopback(one));
}

function withoutMapping(address: string): string {
  const ip = parseIp(address);
  const inner = ip === null ? null : mappedIpv4(ip);
  return inner === null ? address : formatIp(inner);
}

function placeWords({ listeners: [first], port }: Target): string {
  return placeText(first?.address ?? '', port);
}
