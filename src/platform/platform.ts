/**
 * Facts and acts of the operating system: the same verbs for every system, one file per system behind them (`linux.ts`), a fake
 * for tests. The only room that reads `process.platform`. It must not know services, runs or projects.
 */

import type {
  ContainerFacts,
  Gap,
  Holders,
  HostsFile,
  InterfaceFacts,
  LookUpAnswer,
  NamespaceIds,
  OtherNamespace,
  PortRanges,
  ProcessDescription,
  SocketSelection,
  SocketTable,
  SocketUnit,
  UnixSocketFacts,
} from './facts.ts';
import type { Health } from './health.ts';
import type { HostsBlock } from './hosts-block.ts';
import type { LowPorts } from './low-ports.ts';
import type { TrustAnchors } from './trust.ts';

/** One process, as of one moment. */
export interface ProcessFacts {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Clock ticks since boot: with the pid it names a process for good, since pids are used again. */
  readonly startTime: number;
  /** A dead process that nobody has waited for. Never counts as alive. */
  readonly zombie: boolean;
}

export interface ProcessDetails {
  readonly pid: number;
  /** Numeric owner; null when it cannot be seen. */
  readonly uid: number | null;
  readonly command: readonly string[];
  readonly cwd: string | null;
}

export interface ListenerFacts {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  /** `127.64.0.1`, `0.0.0.0`, `::1`, `::`; IPv4-mapped ones as `::ffff:a.b.c.d`. */
  readonly address: string;
  readonly port: number;
  readonly inode: number;
  /** Owner of the socket, readable for everybody. */
  readonly uid: number;
}

/** Who holds a socket inode. `unseen`: nobody that we may look at has it, which is not the same as nobody. */
export type SocketOwners = ReadonlyMap<number, readonly number[]>;

export type BindAnswer =
  | { readonly bindable: true }
  | {
      readonly bindable: false;
      readonly code: 'EADDRINUSE' | 'EADDRNOTAVAIL' | 'EACCES' | 'EAFNOSUPPORT' | string;
    };

export interface Platform extends Inspectable {
  readonly name: 'linux' | 'darwin' | 'win32' | 'other' | 'fake';
  /** Changes with every boot; '' where it cannot be known. */
  bootId(): string;
  /** All processes that can be seen, by pid. One snapshot serves all callers within `maxAgeMs`. */
  processes(maxAgeMs: number): ReadonlyMap<number, ProcessFacts>;
  process(pid: number): ProcessFacts | null;
  details(pid: number): ProcessDetails | null;
  /** Pids whose initial environment holds `NAME=value` for one of `values`; keyed by pid -> value. Other users' are not seen. */
  marked(name: string, values: ReadonlySet<string>): ReadonlyMap<number, string>;
  /** All listening TCP sockets of this network namespace, both families. */
  listeners(): readonly ListenerFacts[];
  /**
   * Owners of these inodes: every holder among `pids`; when omitted, the youngest holder of all processes and those of its parents
   * that hold the socket too. Elders come first.
   */
  owners(inodes: ReadonlySet<number>, pids?: Iterable<number>): SocketOwners;
  /** Tries to listen there for an instant; `exclusive` semantics of an ordinary Node server. */
  tryBind(address: string, port: number): Promise<BindAnswer>;
  /** False when it was gone already. Throws on EPERM. */
  signal(pid: number, signal: NodeJS.Signals): boolean;
  signalGroup(group: number, signal: NodeJS.Signals): boolean;
  /** Frees the blocks of [from, to) and keeps the file's size; false where the file system cannot. */
  punchHole(file: string, from: number, to: number): Promise<boolean>;
  /** What only `lo doctor` asks for; loaded when it does. */
  health(): Promise<Health>;
  /** Leave to listen on low ports; loaded when `lo setup` asks. */
  lowPorts(): Promise<LowPorts>;
  /** Lines of our own in the hosts file; loaded when `lo setup` asks. */
  hostsBlock(): Promise<HostsBlock>;
  /** Stores of certificates; loaded when `lo trust` asks. */
  trust(): Promise<TrustAnchors>;
  /** Holds a name machine-wide (this network namespace) until released or the process ends; null: somebody else holds it. */
  claim(name: string): Promise<Claim | null>;
}

/** What only the inspector asks for. Every verb answers for the moment of the call and remembers what makes the next call cheaper. */
export interface Inspectable {
  /** `of`: of the network namespace of this process instead of ours. */
  sockets(selection: SocketSelection, of?: number): SocketTable;
  unixSockets(): { readonly sockets: readonly UnixSocketFacts[]; readonly gaps: readonly Gap[] };
  /** Every holder of each inode. The second call on one platform costs a fraction of the first. */
  holders(inodes: ReadonlySet<number>): Holders;
  /**
   * Inodes of sockets that processes hold and that stand in no table of the kernel: bound, and neither listening nor connected.
   * `port`: only those that are bound to it, where the system tells to which.
   */
  unlistedSockets(port?: number): ReadonlyMap<number, readonly number[]>;
  /** Null: no such process. What may not be read is null in it. */
  describeProcess(pid: number): ProcessDescription | null;
  /** The number itself where it has no name. */
  userName(uid: number): string;
  interfaces(): readonly InterfaceFacts[];
  portRanges(): PortRanges;
  namespaces(): NamespaceIds;
  otherNetworkNamespaces(): { readonly namespaces: readonly OtherNamespace[]; readonly gaps: readonly Gap[] };
  /** Ways in which this caller is kept from seeing others: `hidepid`, another pid namespace, another user. */
  blindSpots(): readonly Gap[];
  /** Running containers, from managers on this machine that have a socket here; within a second. */
  containers(): Promise<{ readonly containers: readonly ContainerFacts[]; readonly gaps: readonly Gap[] }>;
  /** Socket units as they are written down, whether systemd runs or not. */
  socketUnits(): readonly SocketUnit[];
  /** As a server asks for it: `::` takes both families unless `ipv6Only`. */
  tryListen(address: string, port: number, ipv6Only: boolean): Promise<BindAnswer>;
  hostsFile(): HostsFile;
  /** What the C library asks about a host name, in order: `files`, `myhostname`, `dns`. Null where the system has no such list. */
  nameSources(): readonly string[] | null;
  /** As this machine calls itself. */
  hostName(): string;
  /** The system's resolver, all addresses in its order. It may ask other machines: only for names that are answered on this one. */
  lookUp(name: string): Promise<LookUpAnswer>;
}

export interface Claim {
  readonly name: string;
  release(): void;
}
