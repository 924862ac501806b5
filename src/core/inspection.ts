/**
 * The documents of the commands that explain the machine: `ports`, `why`, `explain`, `kill`, `wait`. Their keys are promises, as
 * those of `status.ts`. This file must not know how the facts are found.
 */

import type { GatewayHolding, GatewayRef } from './gateway-holding.ts';
import type { StateName } from './lifecycle.ts';
import type { EnvironmentRef, SCHEMA_VERSION } from './status.ts';

export type Transport = 'tcp' | 'udp';

/** Who can reach a bound address: this machine, the networks of one interface, every network. */
export type Scope = 'loopback' | 'interface' | 'wildcard';

export type InterfaceKind = 'loopback' | 'lan' | 'wireless' | 'bridge' | 'vpn' | 'virtual' | 'unknown';

/** One process above another, as a person would name it: `npm`, `code`, `bash`. */
export interface ParentDocument {
  readonly pid: number;
  readonly name: string;
}

export interface OwnerDocument {
  readonly pid: number;
  /** Name, or the number where it has none; null when it cannot be seen. */
  readonly user: string | null;
  readonly name: string;
  readonly command: readonly string[];
  readonly cwd: string | null;
  /** ISO 8601; null when the system does not tell. */
  readonly started: string | null;
  /** Nearest first, up to the process that has no parent that can be seen. */
  readonly parents: readonly ParentDocument[];
  /** The same in words: `started by npm in ~/shop, from VS Code`. */
  readonly origin: string;
  /** The program's file was replaced or deleted since it started. */
  readonly stale: boolean;
}

/** The service of ours that a socket belongs to. */
export interface ServiceRef {
  readonly environment: EnvironmentRef;
  readonly project: string;
  readonly name: string;
  /** Null: a listener that the service did not declare. */
  readonly endpoint: string | null;
}

export interface ContainerRef {
  readonly runtime: 'docker' | 'podman' | 'containerd' | 'kubernetes' | 'lxc' | 'unknown';
  readonly id: string | null;
  readonly name: string | null;
  /** The address and port inside that a published port leads to. */
  readonly target: { readonly address: string; readonly port: number } | null;
}

export interface UnitRef {
  /** `nginx.service`, `cups.socket`. */
  readonly name: string;
  readonly manager: 'system' | 'user';
  /** Systemd itself listens, and starts the service at the first connection. */
  readonly socket: boolean;
}

export interface ListenerDocument {
  readonly protocol: Transport;
  readonly family: 4 | 6;
  readonly address: string;
  readonly port: number;
  readonly scope: Scope;
  /** Name of the interface that has this address; null for wildcards, and where none has it any more. */
  readonly interface: string | null;
  readonly interfaceKind: InterfaceKind | null;
  /** Every process that holds the socket that can be seen; elders first. */
  readonly owners: readonly OwnerDocument[];
  readonly ownerVisible: boolean;
  /** Why no owner is seen, and what would show it; null when one is. */
  readonly hidden: string | null;
  /** User of the socket, which everybody may read. */
  readonly user: string;
  readonly service: ServiceRef | null;
  readonly container: ContainerRef | null;
  readonly unit: UnitRef | null;
  /** Only there when Loopyard's gateway listens. */
  readonly gateway?: GatewayRef;
}

/** Something that could not be looked at; never the same as "nothing there". */
export interface Unseen {
  readonly what: string;
  readonly why: string;
  /** What would show it; null when nothing does. */
  readonly fix: string | null;
}

export interface ConnectionDocument {
  readonly protocol: Transport;
  readonly family: 4 | 6;
  readonly state: string;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  readonly pids: readonly number[];
}

export interface UnixSocketDocument {
  /** Path, or `@name` for an abstract one; null for one without a name. */
  readonly path: string | null;
  readonly type: 'stream' | 'datagram' | 'seqpacket';
  readonly listening: boolean;
  readonly pids: readonly number[];
}

export interface NamespaceDocument {
  /** As /proc/PID/ns/net names it, `net:[4026531840]`. */
  readonly id: string;
  /** A process in it. */
  readonly pid: number;
  readonly name: string;
  readonly listeners: readonly ListenerDocument[];
}

/** `lo ports --json` */
export interface PortsReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly listeners: readonly ListenerDocument[];
  readonly unseen: readonly Unseen[];
  /** With `--all` only. */
  readonly unix?: readonly UnixSocketDocument[];
  readonly connections?: readonly ConnectionDocument[];
  readonly namespaces?: readonly NamespaceDocument[];
}

/** `lo ports --watch --json`: everything once, then what changes. */
export type PortsEvent =
  | { readonly type: 'snapshot'; readonly at: string; readonly report: PortsReport }
  | { readonly type: 'opened' | 'closed'; readonly at: string; readonly listener: ListenerDocument }
  | {
      readonly type: 'changed';
      readonly at: string;
      readonly listener: ListenerDocument;
      readonly before: ListenerDocument;
    };

/** How sure a cause is: seen as a fact, follows from facts with one step of inference, fits what is seen. */
export type Sureness = 'certain' | 'likely' | 'possible';

export interface CauseDocument {
  /** Stable, from `inspector/causes/all.ts`. */
  readonly code: string;
  readonly text: string;
  /** The facts that it stands on, one in a line. */
  readonly evidence: readonly string[];
  /** A command or an edit that can be pasted; null when there is nothing to mend. */
  readonly fix: string | null;
  readonly pid: number | null;
  readonly sure: Sureness;
}

export type BindAddress = '127.0.0.1' | '::1' | '0.0.0.0' | '::';

/** `lo why PORT --json`. `::` is asked with both families, as servers do by default. */
export interface WhyReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly port: number;
  readonly bindable: Readonly<Record<BindAddress, boolean>>;
  /** The system's own error for those that are not bindable: `EADDRINUSE`, `EACCES`, …. */
  readonly refusals: Readonly<Partial<Record<BindAddress, string>>>;
  /** Who takes a new connection there; null: nobody, or somebody unseen (see `listeners`). */
  readonly answers: Readonly<Record<'127.0.0.1' | '::1', number | null>>;
  readonly localhost: {
    /** As this machine's resolver orders them. */
    readonly order: readonly string[];
    /** Who answers a client that tries ::1 first, falling back, and one that tries 127.0.0.1 first. */
    readonly ipv6First: number | null;
    readonly ipv4First: number | null;
  };
  /** All of this port, both transports. */
  readonly listeners: readonly ListenerDocument[];
  readonly causes: readonly CauseDocument[];
  readonly unseen: readonly Unseen[];
}

export interface AddressFacts {
  readonly address: string;
  readonly family: 4 | 6;
  /** From the special-purpose registries: `loopback`, `private-use`, `documentation`, `global`, …. */
  readonly kind: string;
  readonly text: string;
  /** Of the registry that says so: an RFC. */
  readonly source: string | null;
  /** The IPv4 address inside an IPv4-mapped one. */
  readonly mapped: string | null;
  readonly interface: string | null;
  /** It can be bound on this machine now. */
  readonly local: boolean;
}

export interface PortFacts {
  readonly port: number;
  /** RFC 6335: 0-1023, 1024-49151, 49152-65535. */
  readonly range: 'system' | 'user' | 'dynamic';
  /** The registered service name for each transport; null: none. */
  readonly registered: Readonly<Record<Transport, { readonly name: string; readonly text: string } | null>>;
  /** Day of the registry's copy. */
  readonly registryDate: string;
  /** What developers' programs use it for although it is not registered. */
  readonly customary: string | null;
  /** The system may give it to any outgoing connection. */
  readonly ephemeral: boolean;
  readonly reserved: boolean;
  /** Only root, or a program with CAP_NET_BIND_SERVICE, may listen there. */
  readonly privileged: boolean;
  /** Browsers refuse to go there. */
  readonly blockedByBrowsers: boolean;
}

/** An endpoint of a service of ours, whether it runs or not. */
export interface ServicePlace {
  readonly service: ServiceRef;
  readonly state: StateName;
  readonly address: string;
  readonly port: number;
}

/** `lo explain --json` */
export interface ExplainReport {
  readonly schema: typeof SCHEMA_VERSION;
  /** As asked for, without what a URL may hold in secret. */
  readonly subject: string;
  /** What it is, and who listens there, in a sentence. */
  readonly answer: string;
  /** The name asked for, and where it leads; null when an address was asked for. */
  readonly name: {
    readonly name: string;
    readonly addresses: readonly string[];
    /** `/etc/hosts, line 3`, `the resolver`, `always loopback, RFC 6761`. */
    readonly source: string;
  } | null;
  readonly addresses: readonly AddressFacts[];
  readonly port: PortFacts | null;
  /** Names of the hosts file that lead to one of the addresses. */
  readonly names: readonly { readonly name: string; readonly source: string }[];
  /** Services of ours that have one of the addresses, or the name. */
  readonly services: readonly ServicePlace[];
  /** What listens there. */
  readonly listeners: readonly ListenerDocument[];
  /** Who may reach it, in a sentence; null when nothing listens. */
  readonly reach: string | null;
  readonly notes: readonly string[];
  readonly unseen: readonly Unseen[];
}

/** What `lo kill` does to one holder of the port. `listeners`: all that it ends by that, never empty. */
export type KillStep =
  | {
      readonly kind: 'service';
      readonly service: ServiceRef;
      readonly listeners: readonly ListenerDocument[];
    }
  | {
      /** A container or a unit: its manager starts it again when only the process is ended. */
      readonly kind: 'manager';
      readonly argv: readonly string[];
      /** `the container shop-db-1`, `the unit nginx.service`. */
      readonly what: string;
      readonly listeners: readonly ListenerDocument[];
    }
  | {
      readonly kind: 'process';
      readonly owner: OwnerDocument;
      /** Processes below it that hold the same sockets; they are ended when they outlive it. */
      readonly members: readonly ParentDocument[];
      readonly listeners: readonly ListenerDocument[];
    }
  | {
      readonly kind: 'refused';
      readonly why: string;
      readonly fix: string | null;
      readonly listeners: readonly ListenerDocument[];
    };

/** Who started again what `lo kill` had ended, and the way to stop that. */
export interface Respawner {
  /** Null: a manager such as systemd. */
  readonly pid: number | null;
  readonly name: string;
  readonly fix: string;
}

/** `lo kill PORT --json`; one in a line when several ports are named. */
export interface KillReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly port: number;
  readonly protocol: Transport;
  /** Only listeners on these were meant; null: on all. */
  readonly addresses: readonly string[] | null;
  readonly steps: readonly KillStep[];
  /** False with `--dry-run`. */
  readonly done: boolean;
  /** Pids that ended, and how. */
  readonly ended: readonly {
    readonly pid: number;
    readonly by: 'TERM' | 'KILL' | 'manager' | 'supervisor';
  }[];
  /** What went wrong on the way. */
  readonly problems: readonly { readonly text: string; readonly fix: string | null }[];
  readonly free: boolean;
  /** Who took the port again within 2 s. */
  readonly respawned: OwnerDocument | null;
  /** What started it; null when that cannot be told, or somebody else was waiting for the port. */
  readonly respawner: Respawner | null;
}

/** `lo wait TARGET --json` */
export interface WaitReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly target: string;
  readonly wanted: 'open' | 'free';
  readonly met: boolean;
  readonly ms: number;
  /** Where it answered (or the last place tried). */
  readonly address: string | null;
  readonly lastError: string | null;
}

/** One address and port that an environment of ours holds: what makes a listener a service's. */
export interface Holding {
  readonly environment: EnvironmentRef;
  readonly project: string;
  readonly service: string;
  readonly state: StateName;
  /** The run's first process; null when none runs. */
  readonly pid: number | null;
  readonly endpoints: readonly { readonly name: string; readonly address: string; readonly port: number }[];
}

export interface HoldingList {
  readonly schema: typeof SCHEMA_VERSION;
  readonly holdings: readonly Holding[];
  /** Null: none runs. */
  readonly gateway: GatewayHolding | null;
}
