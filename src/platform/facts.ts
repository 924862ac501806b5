/** What the inspector asks of an operating system: sockets of every kind, their holders, what a process is, how ports are dealt out. */

export type SocketState =
  | 'listen'
  /** A UDP socket that is bound and takes datagrams from anybody. */
  | 'bound'
  | 'established'
  | 'syn-sent'
  | 'syn-received'
  | 'fin-wait-1'
  | 'fin-wait-2'
  | 'time-wait'
  | 'close'
  | 'close-wait'
  | 'last-ack'
  | 'closing'
  | 'unknown';

export interface Place {
  /** As inet_ntop(3) writes it; IPv4-mapped ones as `::ffff:a.b.c.d`. */
  readonly address: string;
  readonly port: number;
}

export interface SocketFacts {
  readonly protocol: 'tcp' | 'udp';
  readonly family: 4 | 6;
  readonly state: SocketState;
  readonly local: Place;
  /** Null for sockets without a peer. */
  readonly remote: Place | null;
  readonly uid: number;
  /** 0: the socket has no process any more (TIME_WAIT and other rests). */
  readonly inode: number;
}

export interface UnixSocketFacts {
  readonly path: string | null;
  readonly type: 'stream' | 'datagram' | 'seqpacket';
  readonly listening: boolean;
  readonly inode: number;
}

/** What could not be read, in words; never the same as nothing. */
export interface Gap {
  readonly what: string;
  readonly why: string;
}

/** `listening`: TCP listeners and UDP sockets without a peer. `all`: connections and their rests too. */
export type SocketSelection = 'listening' | 'all' | TcpSelection;

/** Of one table only, since each costs some ms however little is in it; and few of its rows, which costs a fraction of all of them. */
export interface TcpSelection {
  readonly family: 4 | 6;
  readonly localPorts: ReadonlySet<number>;
}

export interface SocketTable {
  readonly sockets: readonly SocketFacts[];
  readonly gaps: readonly Gap[];
}

export interface Holders {
  /** Every process that holds the inode and can be looked into; elders first. Inodes nobody seen holds are absent. */
  readonly byInode: ReadonlyMap<number, readonly number[]>;
  /** Processes whose sockets may not be read, by their user. */
  readonly closed: ReadonlyMap<number, readonly number[]>;
}

export interface ProcessDescription {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  readonly uid: number;
  /** Name of the user, or the number where it has none. */
  readonly user: string;
  /** As the kernel has it, at most 15 bytes. */
  readonly name: string;
  readonly command: readonly string[];
  /** Null when it may not be read. */
  readonly cwd: string | null;
  /** Null when it may not be read. */
  readonly executable: string | null;
  /** The file of the program was replaced or deleted. */
  readonly executableDeleted: boolean;
  /** Epoch ms; null when the system does not tell. */
  readonly startedAt: number | null;
  /** Path of its control group, `/system.slice/nginx.service`; null where there is none. */
  readonly cgroup: string | null;
}

export interface InterfaceFacts {
  readonly name: string;
  readonly kind: 'loopback' | 'lan' | 'wireless' | 'bridge' | 'vpn' | 'virtual' | 'unknown';
  /** Without prefix length; link-local ones without their zone. */
  readonly addresses: readonly string[];
  /** Whom its addresses reach without a router, `192.168.1.0/24`; each once. */
  readonly networks: readonly string[];
}

/** One line of the hosts file that says something. */
export interface HostsEntry {
  /** From 1. */
  readonly line: number;
  readonly address: string;
  /** As written; the first is the canonical one. */
  readonly names: readonly string[];
}

export interface HostsFile {
  readonly path: string;
  readonly entries: readonly HostsEntry[];
  /** Why it could not be read; null when it was, or is not there. */
  readonly gap: Gap | null;
}

/** `code`: the resolver's own word (`ENOTFOUND`, `EAI_AGAIN`); null when it gave addresses. */
export interface LookUpAnswer {
  readonly addresses: readonly string[];
  readonly code: string | null;
}

export interface PortRanges {
  /** First and last port that outgoing connections are given. */
  readonly ephemeral: readonly [number, number] | null;
  /** Ranges that are never given out by themselves. */
  readonly reserved: readonly (readonly [number, number])[];
  /** First port that needs no privilege. */
  readonly unprivilegedFrom: number;
}

export interface NamespaceIds {
  readonly network: string | null;
  readonly processes: string | null;
}

/** A network namespace other than ours, and one process in it. */
export interface OtherNamespace {
  readonly id: string;
  readonly pids: readonly number[];
}

/** A container as its manager tells of it. */
export interface ContainerFacts {
  readonly runtime: 'docker' | 'podman';
  readonly id: string;
  readonly name: string;
  /** On the networks of the manager; none with the host's network. */
  readonly addresses: readonly string[];
  /** Places of this machine that lead into it. */
  readonly published: readonly {
    readonly protocol: 'tcp' | 'udp';
    readonly address: string;
    readonly port: number;
    readonly target: number;
  }[];
}

/** A unit for which systemd itself listens. */
export interface SocketUnit {
  readonly name: string;
  readonly manager: 'system' | 'user';
  /** `address` is null for every address of both families. */
  readonly listens: readonly {
    readonly protocol: 'tcp' | 'udp';
    readonly address: string | null;
    readonly port: number;
  }[];
}
