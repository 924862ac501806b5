/**
 * One look at the machine: sockets become listener documents with their owners. All commands of this room start from it. It must not
 * read /proc itself, nor know single commands.
 */

import type { GatewayHolding } from '../core/gateway-holding.ts';
import type { Holding, ListenerDocument, OwnerDocument } from '../core/inspection.ts';
import type {
  Holders,
  InterfaceFacts,
  ProcessDescription,
  SocketFacts,
  SocketUnit,
} from '../platform/facts.ts';
import type { Platform } from '../platform/platform.ts';
import { gatewayAt, serviceOf } from './ours.ts';
import { ownerDocument } from './owner.ts';
import { containerOf } from './ports/container.ts';
import { hiddenBecause, type Sight } from './ports/hidden.ts';
import { placeOf } from './ports/scope.ts';
import { socketUnitOf, unitOf } from './ports/unit.ts';

export interface InspectorTools {
  readonly platform: Platform;
  /** What is ours; none without a daemon. */
  holdings(): readonly Holding[] | Promise<readonly Holding[]>;
  /** Absent, or null: none runs. */
  gateway?(): GatewayHolding | null | Promise<GatewayHolding | null>;
  /** Epoch ms. */
  now(): number;
  /** Of the person whose paths are shown with `~`. */
  readonly homeDirectory: string;
}

interface Surroundings {
  interfaces(): readonly InterfaceFacts[];
  readonly holdings: readonly Holding[];
}

/** Remembers within one look what several listeners share: processes, interfaces. */
export class Look {
  readonly platform: Platform;
  readonly holdings: readonly Holding[];
  readonly #gateway: GatewayHolding | null;
  readonly #homeDirectory: string;
  readonly #processes = new Map<number, ProcessDescription | null>();
  readonly #owners = new Map<number, OwnerDocument | null>();
  #interfaces: readonly InterfaceFacts[] | undefined;
  #sight: Sight | undefined;
  #socketUnits: readonly SocketUnit[] | undefined;

  /** With all that is ours. */
  static async begin(tools: InspectorTools): Promise<Look> {
    const holdings = await tools.holdings();
    return new Look(tools, holdings, (await tools.gateway?.()) ?? null);
  }

  constructor(tools: InspectorTools, holdings: readonly Holding[], gateway: GatewayHolding | null = null) {
    this.#gateway = gateway;
    this.platform = tools.platform;
    this.#homeDirectory = tools.homeDirectory;
    this.holdings = holdings;
  }

  /** One document for each socket of this network namespace, in the order of port, address and transport. */
  listeners(sockets: readonly SocketFacts[]): readonly ListenerDocument[] {
    const holders = this.platform.holders(new Set(sockets.map(({ inode }) => inode)));
    const here: Surroundings = { interfaces: () => this.interfaces, holdings: this.holdings };
    return sockets.map((socket) => this.#listener(socket, holders, here)).sort(byPlace);
  }

  /** The same of another network namespace, whose interfaces are not seen, and where our addresses are not ours. */
  listenersElsewhere(sockets: readonly SocketFacts[]): readonly ListenerDocument[] {
    const holders = this.platform.holders(new Set(sockets.map(({ inode }) => inode)));
    const holdings = this.holdings.map((holding) => ({ ...holding, endpoints: [] }));
    return sockets
      .map((socket) => this.#listener(socket, holders, { interfaces: () => [], holdings }))
      .sort(byPlace);
  }

  /** Null: there is no such process any more. */
  owner(pid: number): OwnerDocument | null {
    let owner = this.#owners.get(pid);
    if (owner === undefined) {
      owner = this.#describeOwner(pid);
      this.#owners.set(pid, owner);
    }
    return owner;
  }

  process(pid: number): ProcessDescription | null {
    let found = this.#processes.get(pid);
    if (found === undefined) {
      found = this.platform.describeProcess(pid);
      this.#processes.set(pid, found);
    }
    return found;
  }

  /** Nearest first. */
  ancestors(pid: number): readonly ProcessDescription[] {
    const found: ProcessDescription[] = [];
    let above = this.process(pid)?.parent ?? 0;
    // A loop is impossible at one moment, but the chain is read at several.
    while (above > 0 && found.every((one) => one.pid !== above)) {
      const parent = this.process(above);
      if (parent === null) break;
      found.push(parent);
      above = parent.parent;
    }
    return found;
  }

  get interfaces(): readonly InterfaceFacts[] {
    this.#interfaces ??= this.platform.interfaces();
    return this.#interfaces;
  }

  /** What keeps this process from seeing others. */
  get sight(): Sight {
    this.#sight ??= { isRoot: (process.geteuid?.() ?? 0) === 0, spots: this.platform.blindSpots() };
    return this.#sight;
  }

  #listener(socket: SocketFacts, holders: Holders, { interfaces, holdings }: Surroundings): ListenerDocument {
    const { protocol, family, local } = socket;
    const user = this.platform.userName(socket.uid);
    const pids = holders.byInode.get(socket.inode) ?? [];
    const owners = pids.flatMap((pid) => this.owner(pid) ?? []);
    const processes = owners.flatMap((owner) => this.process(owner.pid) ?? []);
    const gateway = gatewayAt(this.#gateway, local, new Set(pids));
    return {
      protocol,
      family,
      address: local.address,
      port: local.port,
      ...placeOf(local.address, interfaces()),
      owners,
      ownerVisible: owners.length > 0,
      hidden: owners.length > 0 ? null : hiddenBecause(socket, user, this.sight, holders.closed),
      user,
      // A guarded service's door stands where the service would be.
      service:
        gateway !== undefined || holdings.length === 0 ? null : serviceOf(holdings, local, lineageOf(owners)),
      container: containerOf(processes),
      unit: socketUnitOf(processes, socket, () => this.#units()) ?? unitOf(processes),
      ...(gateway === undefined ? {} : { gateway }),
    };
  }

  #units(): readonly SocketUnit[] {
    this.#socketUnits ??= this.platform.socketUnits();
    return this.#socketUnits;
  }

  #describeOwner(pid: number): OwnerDocument | null {
    const process = this.process(pid);
    if (process === null) return null;
    return ownerDocument(process, this.ancestors(pid), this.#homeDirectory);
  }
}

/** Holders with all that are above them. */
function lineageOf(owners: readonly OwnerDocument[]): ReadonlySet<number> {
  return new Set(owners.flatMap(({ pid, parents }) => [pid, ...parents.map((parent) => parent.pid)]));
}

function byPlace(one: ListenerDocument, other: ListenerDocument): number {
  return (
    one.port - other.port ||
    one.family - other.family ||
    compare(one.address, other.address) ||
    compare(one.protocol, other.protocol)
  );
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
