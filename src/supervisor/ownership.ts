/**
 * Whose socket answers: the proof that a told endpoint is served by the run itself, and where its program listens when it does not
 * listen there. Asks that come together are answered from one read of the socket table.
 */

import type { ListenerFacts, Platform } from '../platform/platform.ts';
import { type MemberFinder, type MemberQuery, unmapped } from './members.ts';
import type { Place } from './probes/probe.ts';
import type { Listening, ReadyTarget, Survey } from './supervisor.ts';

export type Proof =
  /** `pid` is null when its owner cannot be seen, but the address is leased to the run alone. */
  | { readonly kind: 'own'; readonly listening: Listening; readonly pid: number | null }
  /** Another program's socket: in words, with its pid when it can be seen. */
  | { readonly kind: 'foreign'; readonly holder: string; readonly pid: number | null }
  | { readonly kind: 'nobody' };

export class Ownership {
  readonly #platform: Platform;
  readonly #members: MemberFinder;
  #table: readonly ListenerFacts[] | null = null;

  constructor(platform: Platform, members: MemberFinder) {
    this.#platform = platform;
    this.#members = members;
  }

  /** Who serves `place`. The program's own descriptors are looked at first: for most services that is all there is to read. */
  async prove(query: MemberQuery, place: Place): Promise<Proof> {
    const serving = mostSpecific(this.#listeners().filter((listener) => serves(listener, place)));
    if (serving.length === 0) return { kind: 'nobody' };
    const quick = query.pid === null ? null : this.#ownedBy(serving, [query.pid], place);
    if (quick !== null) return quick;
    const family = this.#ownedBy(serving, this.#members.family(query), place);
    if (family !== null) return family;
    const all = this.#ownedBy(serving, await this.#members.find(query), place);
    return all ?? this.#byOthers(query, serving, place);
  }

  /** Where members of the run listen at all. */
  listening(query: MemberQuery): readonly Place[] {
    const listeners = this.#listeners();
    const inodes = new Set(listeners.map((listener) => listener.inode));
    const owners = this.#platform.owners(inodes, this.#members.family(query));
    return listeners
      .filter((listener) => owners.has(listener.inode))
      .map(({ address, port }) => ({ address: unmapped(address), port }));
  }

  /** What a proof does not ask: endpoints that nobody serves, and what the run opens to everybody. */
  survey(query: MemberQuery, told: ReadyTarget['told']): Survey {
    const listeners = this.#listeners();
    const unserved = Object.entries(told).filter(
      ([, place]) => !listeners.some((listener) => serves(listener, place)),
    );
    return { unserved: unserved.map(([endpoint]) => endpoint), wide: this.#wide(query, listeners) };
  }

  /** Mostly nobody on the machine listens so, and then no process needs to be looked into. */
  #wide(query: MemberQuery, listeners: readonly ListenerFacts[]): Survey['wide'] {
    const open = listeners.filter(({ address }) => isWildcard(address));
    if (open.length === 0) return [];
    const owners = this.#platform.owners(
      new Set(open.map(({ inode }) => inode)),
      this.#members.family(query),
    );
    const wide = new Map<number, Survey['wide'][number]>();
    for (const { address, port, inode } of open)
      if (owners.has(inode) && isWildcard(address) && !wide.has(port)) wide.set(port, { address, port });
    return [...wide.values()];
  }

  /** The table of this turn of the event loop. */
  #listeners(): readonly ListenerFacts[] {
    if (this.#table === null) {
      this.#table = this.#platform.listeners();
      setImmediate(() => {
        this.#table = null;
      });
    }
    return this.#table;
  }

  #ownedBy(serving: readonly ListenerFacts[], pids: Iterable<number>, place: Place): Proof | null {
    const owners = this.#platform.owners(new Set(serving.map((listener) => listener.inode)), pids);
    const own = serving.find((listener) => owners.has(listener.inode));
    const pid = own === undefined ? undefined : owners.get(own.inode)?.[0];
    return own === undefined || pid === undefined
      ? null
      : { kind: 'own', listening: listeningOf(own, place), pid };
  }

  #byOthers(query: MemberQuery, serving: readonly ListenerFacts[], place: Place): Proof {
    const owners = this.#platform.owners(new Set(serving.map((listener) => listener.inode)));
    const pid = [...owners.values()][0]?.[0];
    const [first] = serving;
    if (pid === undefined) {
      // A program that became another user: nobody else has a reason to be at this address.
      if (first !== undefined && query.run.addresses.includes(unmapped(first.address)))
        return { kind: 'own', listening: listeningOf(first, place), pid: null };
      return {
        kind: 'foreign',
        holder: `a program of user ${first?.uid} that cannot be seen from here`,
        pid: null,
      };
    }
    const name = this.#platform.details(pid)?.command[0]?.split('/').pop() ?? 'a program';
    return { kind: 'foreign', holder: `${name} (pid ${pid})`, pid };
  }
}

function isWildcard(address: string): address is '0.0.0.0' | '::' {
  return address === '0.0.0.0' || address === '::';
}

/** A dual-stack `::` serves IPv4 as well; that it is not bound to IPv6 alone was shown by the connection that came before. */
function serves(listener: ListenerFacts, place: Place): boolean {
  if (listener.port !== place.port) return false;
  if (listener.address === '0.0.0.0') return !place.address.includes(':');
  return unmapped(listener.address) === place.address || listener.address === '::';
}

/** The kernel hands a connection to the most specific listener: an own wildcard behind a foreign address does not answer there. */
function mostSpecific(serving: readonly ListenerFacts[]): readonly ListenerFacts[] {
  const exact = serving.filter(({ address }) => !isWildcard(address));
  if (exact.length > 0) return exact;
  const wide = serving.filter(({ address }) => address === '0.0.0.0');
  return wide.length > 0 ? wide : serving;
}

function listeningOf({ address, port }: ListenerFacts, place: Place): Listening {
  if (address === '0.0.0.0' || address === '::') return { kind: 'wide', address, port };
  return unmapped(address) === place.address ? { kind: 'as-told' } : { kind: 'elsewhere', address, port };
}
