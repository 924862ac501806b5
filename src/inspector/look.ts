/**
 * One look at the machine: sockets become listener documents with their owners. All commands of this room start from it. It must not
 * read /proc itself, nor know single commands.
 */

import type { Holding, ListenerDocument, OwnerDocument, ParentDocument } from '../core/inspection.ts';
import type { Holders, InterfaceFacts, ProcessDescription, SocketFacts } from '../platform/facts.ts';
import type { Platform } from '../platform/platform.ts';
import { serviceOf } from './ours.ts';
import { containerOf } from './ports/container.ts';
import { hiddenBecause } from './ports/hidden.ts';
import { originOf } from './ports/origin.ts';
import { placeOf } from './ports/scope.ts';
import { unitOf } from './ports/unit.ts';

export interface InspectorTools {
  readonly platform: Platform;
  /** What is ours; none without a daemon. */
  holdings(): readonly Holding[] | Promise<readonly Holding[]>;
  /** Epoch ms. */
  now(): number;
  /** Of the person whose paths are shown with `~`. */
  readonly homeDirectory: string;
}

/** Remembers within one look what several listeners share: processes, interfaces. */
export class Look {
  readonly platform: Platform;
  readonly holdings: readonly Holding[];
  readonly #homeDirectory: string;
  readonly #processes = new Map<number, ProcessDescription | null>();
  readonly #owners = new Map<number, OwnerDocument | null>();
  #interfaces: readonly InterfaceFacts[] | undefined;

  constructor(tools: InspectorTools, holdings: readonly Holding[]) {
    this.platform = tools.platform;
    this.#homeDirectory = tools.homeDirectory;
    this.holdings = holdings;
  }

  /** One document for each socket, in the order of port, address and transport. */
  listeners(sockets: readonly SocketFacts[]): readonly ListenerDocument[] {
    const holders = this.platform.holders(new Set(sockets.map(({ inode }) => inode)));
    return sockets.map((socket) => this.#listener(socket, holders)).sort(byPlace);
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

  #listener(socket: SocketFacts, holders: Holders): ListenerDocument {
    const { protocol, family, local, uid } = socket;
    const pids = holders.byInode.get(socket.inode) ?? [];
    const owners = pids.flatMap((pid) => this.owner(pid) ?? []);
    const lineage = new Set(owners.flatMap((owner) => [owner.pid, ...owner.parents.map(({ pid }) => pid)]));
    const processes = owners.flatMap((owner) => this.process(owner.pid) ?? []);
    return {
      protocol,
      family,
      address: local.address,
      port: local.port,
      ...placeOf(local.address, this.interfaces),
      owners,
      ownerVisible: owners.length > 0,
      hidden: owners.length > 0 ? null : hiddenBecause(socket, holders, this.platform),
      user: this.platform.userName(uid),
      service: serviceOf(this.holdings, local, lineage),
      container: containerOf(processes),
      unit: unitOf(processes),
    };
  }

  #describeOwner(pid: number): OwnerDocument | null {
    const process = this.process(pid);
    if (process === null) return null;
    const ancestors = this.ancestors(pid);
    return {
      pid,
      user: process.user,
      name: process.name,
      command: process.command,
      cwd: process.cwd,
      started: process.startedAt === null ? null : new Date(process.startedAt).toISOString(),
      parents: ancestors.map(({ pid, name }): ParentDocument => ({ pid, name })),
      origin: originOf(process, ancestors, this.#homeDirectory),
      stale: process.executableDeleted,
    };
  }
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
