/**
 * The links of one environment: where each listens, what it leads to, and whether callers may be let go. It decides when a link moves
 * to a leased port; it must not carry bytes, nor know how a snapshot reaches the gateway.
 */

import type { EnvironmentEvent } from '../../core/environment.ts';
import type { Fault, FaultKind, FaultStatus } from '../../core/fault.ts';
import { showFault } from '../../core/fault-words.ts';
import { DOOR } from '../../core/guard.ts';
import { currentRun, type ServiceLife } from '../../core/lifecycle.ts';
import type { GatewayLink, LinkPlace, LinkStatistics } from '../../core/link.ts';
import { type LinkReach, type LinkSpec, linkKey, linkSpecs, OPEN, WAITING } from '../../core/links.ts';
import type { External, Service } from '../../core/model.ts';
import type { ExternalService } from '../environment-tools.ts';
import type { ServiceRuntime } from '../runtime.ts';
import { FaultBook } from './fault-book.ts';
import type { LinkRecord } from './record.ts';
import { upstreamOf, wantsLeasedPort } from './upstream.ts';

export interface LinkHost {
  readonly tools: {
    /** False: no gateway runs for this home, so everybody is told services' own addresses. */
    readonly linksServed: boolean;
    /** At once: somebody waits for it. */
    changed(soon?: 'at-once'): void;
    now(): number;
    /** Null: it is not up. */
    placeElsewhere(target: ExternalService): LinkPlace | null;
    readonly faultKinds: readonly FaultKind[];
    report(error: unknown): void;
  };
  readonly ref: { readonly id: string };
  readonly paths: { readonly directory: string };
  addressOf(key: string): string;
  service(name: string): Service | undefined;
  life(name: string): ServiceLife;
  runtime(name: string): ServiceRuntime;
  leasePort(key: string): Promise<number>;
  dispatch(event: EnvironmentEvent): void;
  persistQuietly(): void;
}

interface LinkState {
  readonly spec: LinkSpec;
  upstream: LinkPlace | null;
  /** Null: a leased port is being looked for. */
  place: LinkPlace | null;
  /** The revision of the first snapshot that has it so; null: none yet. */
  since: number | null;
  reach: LinkReach;
}

export class EnvironmentLinks {
  readonly #host: LinkHost;
  readonly #moved: Map<string, LinkPlace>;
  readonly faults: FaultBook;
  #states = new Map<string, LinkState>();
  #byTarget = new Map<string, LinkState[]>();
  #byCaller = new Map<string, LinkState[]>();
  #byKey = new Map<string, LinkState[]>();
  #reach: ReadonlyMap<string, LinkReach> = new Map();

  constructor(host: LinkHost, record: LinkRecord) {
    this.#host = host;
    this.#moved = new Map(Object.entries(record.moved));
    this.faults = new FaultBook(record.faults);
  }

  get record(): LinkRecord {
    return { moved: Object.fromEntries(this.#moved), faults: this.faults.record };
  }

  get specs(): readonly LinkSpec[] {
    return [...this.#states.values()].map(({ spec }) => spec);
  }

  /** Keys of the addresses that the links need. */
  get keys(): readonly string[] {
    return [...this.#byKey.keys()];
  }

  /** What the pure machine is to know at its beginning. */
  get reach(): ReadonlyMap<string, LinkReach> {
    return this.#reach;
  }

  /** False: everybody is told services' own addresses. */
  get areServed(): boolean {
    return this.#host.tools.linksServed;
  }

  /** Somebody may be refused. */
  get isGuarded(): boolean {
    return this.#byCaller.has(DOOR);
  }

  /** A guarded service's own address is one that nobody was told: its usual one is its door's. */
  leaseKey(key: string): string {
    if (this.#byKey.has(linkKey(DOOR, key))) return linkKey(DOOR, key);
    return key.startsWith(linkKey(DOOR, '')) ? key.slice(linkKey(DOOR, '').length) : key;
  }

  define(services: readonly Service[], externals: readonly External[] = []): void {
    const before = this.#states;
    const specs = this.#host.tools.linksServed ? linkSpecs(services, externals) : [];
    const states = specs.map((spec): LinkState => {
      const known = before.get(spec.name);
      return known?.spec.port === spec.port && known.spec.until === spec.until
        ? { ...known, spec }
        : { spec, upstream: null, place: null, since: null, reach: WAITING };
    });
    this.#states = new Map(states.map((state) => [state.spec.name, state]));
    this.#byTarget = groupBy(states, ({ spec }) => spec.to);
    this.#byCaller = groupBy(states, ({ spec }) => spec.from);
    this.#byKey = groupBy(states, ({ spec }) => linkKey(spec.from, spec.to));
    for (const name of this.#moved.keys()) if (!this.#states.has(name)) this.#moved.delete(name);
    this.#reach = this.#reachNow();
  }

  /** Where `from` reaches an endpoint of `to`; null: it has no link there. */
  placeOf(from: string, to: string, endpoint: string): LinkPlace | null {
    const state = this.#byKey.get(linkKey(from, to))?.find(({ spec }) => spec.endpoint === endpoint);
    return state === undefined ? null : (state.place ?? this.#usual(state.spec));
  }

  /** Null: another environment's service that is not up. */
  externalPlace({ target }: External): LinkPlace | null {
    if (target.kind === 'environment') return this.#host.tools.placeElsewhere(target);
    return { address: target.address, port: target.port };
  }

  /** In force now. */
  faultsOf(spec: LinkSpec): readonly Fault[] {
    return this.faults.of(spec.name, spec.faults, this.#host.tools.now());
  }

  /** In force on the links of one caller, told in words. */
  faultsFrom(service: string): readonly FaultStatus[] {
    return (this.#byCaller.get(service) ?? []).flatMap(({ spec }) => this.faultStatuses(spec));
  }

  faultStatuses(spec: LinkSpec): readonly FaultStatus[] {
    const { faultKinds } = this.#host.tools;
    const { name: link } = spec;
    return this.faultsOf(spec).map((fault) => ({ ...fault, link, text: showFault(fault, faultKinds) }));
  }

  upstreamOf(name: string): LinkPlace | null {
    return this.#states.get(name)?.upstream ?? null;
  }

  /** Where targets outside the project are now; addresses are leased. */
  refreshExternal(): void {
    let urgent = false;
    for (const state of this.#states.values()) {
      if (state.spec.external === null) continue;
      urgent = this.#refreshOne(state) || urgent;
      // Nobody can say when it comes, so nobody waits for it.
      if (state.upstream === null) state.reach = OPEN;
    }
    this.#tell();
    if (urgent) this.#host.tools.changed('at-once');
  }

  /** Services changed: links to them may lead elsewhere, begin or end. */
  refresh(services: Iterable<string>): void {
    let changed = false;
    let urgent = false;
    for (const service of services)
      for (const state of this.#byTarget.get(service) ?? []) {
        const before = state.reach;
        urgent = this.#refreshOne(state) || urgent;
        changed ||= state.reach !== before;
      }
    if (changed) this.#tell();
    if (urgent) this.#host.tools.changed('at-once');
  }

  snapshot(revision: number): readonly GatewayLink[] {
    this.refreshExternal();
    const links: GatewayLink[] = [];
    for (const state of this.#states.values()) {
      const { spec, place, upstream } = state;
      if (place === null) continue;
      if (upstream !== null) state.since ??= revision;
      const id = this.#idOf(spec);
      const { directory } = this.#host.paths;
      const guard = spec.allows === null ? {} : { guard: { directory, allows: spec.allows } };
      links.push({ id, listen: place, upstream, enabled: true, faults: this.faultsOf(spec), ...guard });
    }
    return links;
  }

  /** `asOf`: what is told is at least as new as the snapshot of this revision. */
  told(statistics: ReadonlyMap<string, LinkStatistics>, asOf: number): void {
    let changed = false;
    for (const state of this.#states.values()) {
      if (state.upstream === null || state.reach === OPEN || (state.since ?? Infinity) > asOf) continue;
      const before = state.reach;
      const found = statistics.get(this.#idOf(state.spec));
      if (found?.listening === true) state.reach = OPEN;
      else if (found !== undefined && found.error !== null) this.#onRefused(state, found.error);
      changed ||= state.reach !== before;
    }
    if (changed) this.#tell();
  }

  /** No gateway could be started. */
  failed(reason: string): void {
    for (const state of this.#states.values())
      if (state.upstream !== null && state.reach !== OPEN) state.reach = { state: 'failed', reason };
    this.#tell();
  }

  /** True: somebody may wait for what changed. */
  #refreshOne(state: LinkState): boolean {
    const upstream = this.#upstreamNow(state.spec);
    const before = state.upstream;
    if (before?.address === upstream?.address && before?.port === upstream?.port) return false;
    state.upstream = upstream;
    if (before !== null && upstream !== null) return false;
    state.since = null;
    state.reach = WAITING;
    if (upstream === null) return false;
    this.#choosePlace(state);
    return state.place !== null;
  }

  #upstreamNow(spec: LinkSpec): LinkPlace | null {
    if (spec.external !== null) return this.externalPlace(spec.external);
    const upstream = upstreamOf(spec, this.#host.life(spec.to), this.#host.runtime(spec.to));
    // A run from before it was guarded is where the door will be.
    return spec.from === DOOR && upstream?.address === this.#usual(spec).address ? null : upstream;
  }

  /** Whoever runs was told where the link is, so it stays. */
  #choosePlace(state: LinkState): void {
    const { spec } = state;
    if (currentRun(this.#host.life(spec.from).life) !== null) {
      state.place = this.#moved.get(spec.name) ?? this.#usual(spec);
    } else if (wantsLeasedPort(spec, this.#host.runtime(spec.to))) {
      this.#move(state, this.#usual(spec).address);
    } else {
      this.#moved.delete(spec.name);
      state.place = this.#usual(spec);
    }
  }

  #move(state: LinkState, address: string): void {
    const { name } = state.spec;
    state.place = null;
    state.since = null;
    this.#host
      .leasePort(name)
      .then((port) => {
        const place = { address, port };
        this.#moved.set(name, place);
        state.place = place;
        // Those who are told of it may outlive this process.
        this.#host.persistQuietly();
        this.#host.tools.changed('at-once');
      })
      .catch((error: unknown) => {
        this.#host.tools.report(error);
        state.reach = { state: 'failed', reason: 'no leased port is free' };
        this.#tell();
      });
  }

  /** Its place cannot be had: another one, unless somebody was told of this one, or it moved before. */
  #onRefused(state: LinkState, error: string): void {
    const { spec, place } = state;
    const isTold = currentRun(this.#host.life(spec.from).life) !== null;
    const wasMoved = this.#moved.has(spec.name);
    const noAddress = error.includes('EADDRNOTAVAIL') && place?.address !== '127.0.0.1';
    if (isTold || (wasMoved && !noAddress)) state.reach = { state: 'failed', reason: error };
    else this.#move(state, noAddress ? '127.0.0.1' : this.#usual(spec).address);
  }

  #usual(spec: LinkSpec): LinkPlace {
    return { address: this.#host.addressOf(linkKey(spec.from, spec.to)), port: spec.port };
  }

  #idOf(spec: LinkSpec): string {
    return `${this.#host.ref.id}/${spec.name}`;
  }

  /** Tells the machine when something is known anew. */
  #tell(): void {
    const now = this.#reachNow();
    if ([...now].every(([key, reach]) => this.#reach.get(key) === reach)) return;
    this.#reach = now;
    this.#host.dispatch({ type: 'links', links: now });
  }

  #reachNow(): ReadonlyMap<string, LinkReach> {
    const all = [...this.#byKey].map(([key, states]): [string, LinkReach] => [key, worstOf(states)]);
    return new Map(all);
  }
}

/** A caller goes through all of them or waits. */
function worstOf(states: readonly LinkState[]): LinkReach {
  const failed = states.find(({ reach }) => reach.state === 'failed');
  return failed?.reach ?? states.find(({ reach }) => reach.state === 'waiting')?.reach ?? OPEN;
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}
