/**
 * What `lo doctor` asks of an operating system. Each verb looks, or tries what it speaks of and undoes it; all answers are plain JSON,
 * so that they can be recorded and played again. Nothing here throws for what a machine may be like: that is part of the answer.
 * It must not know what is good or bad.
 */

export interface Health {
  program(): ProgramFacts;
  /** Of this process, or of another one of this user. */
  limits(pid: number | null): LimitFacts;
  /** What all processes of this user hold. */
  usage(): UsageFacts;
  inotify(): InotifyLimits;
  /** Listens at an address and connects to itself there. */
  tryLoop(address: string): Promise<Trial>;
  /** Really watches a directory. */
  tryWatch(): Promise<Trial>;
  /** Really starts a program in a session of its own through `sh`, as services are. */
  tryShell(): Promise<Trial>;
  /** Really makes a user namespace, as an ordinary user would. */
  tryUserNamespace(): Promise<NamespaceTrial>;
  /** Writes a file there, punches a hole into it, and removes it. */
  tryFile(directory: string): Promise<FileTrial>;
  /** As `dns.lookup` answers, in its order. */
  lookup(name: string): Promise<LookupAnswer>;
  hostsFile(): Promise<HostsFacts>;
  nameService(): Promise<NameServiceFacts>;
  /** `off`: switched off on the loopback interface; `absent`: the kernel has none. */
  loopbackIPv6(): 'on' | 'off' | 'absent' | 'unknown';
  /** Who is at a unix socket. A Docker API is asked for a ping; anything else only has to take the connection. */
  ask(socket: string, ping: boolean): Promise<SocketAnswer>;
  docker(): Promise<DockerSettings>;
  firewall(): Promise<readonly FirewallFacts[]>;
  /** `certificate`: a PEM file to look for; null: only find the stores. */
  trustStores(query: TrustQuery): Promise<readonly TrustStore[]>;
  path(path: string): Promise<PathFacts>;
  /** Of the file system that holds the path, or would. */
  space(path: string): Promise<SpaceFacts>;
  /** Blocks and ports that daemons on this machine hold; null: could not be read. */
  claims(): readonly ClaimFacts[] | null;
  surroundings(): Surroundings;
  clock(): ClockFacts;
}

export interface ProgramFacts {
  /** `linux`, `darwin`, `win32`, … */
  readonly system: string;
  /** `v20.19.0` */
  readonly node: string;
  /** Null where users have no number. */
  readonly uid: number | null;
  readonly user: string | null;
  readonly host: string;
  /** May listen on any port: root, or CAP_NET_BIND_SERVICE. Null: cannot be known. */
  readonly lowPorts: boolean | null;
}

export type Limit = number | 'unlimited';

export interface LimitFacts {
  readonly files: { readonly soft: Limit; readonly hard: Limit } | null;
  readonly processes: { readonly soft: Limit; readonly hard: Limit } | null;
}

export interface UsageFacts {
  /** Threads count: that is what the kernel limits. Null: could not be counted. */
  readonly threads: number | null;
  readonly watches: number | null;
  readonly watchers: number | null;
}

export interface InotifyLimits {
  readonly watches: number | null;
  /** Programs that watch, more or less: each opens one or a few. */
  readonly watchers: number | null;
}

export type Trial = { readonly works: true } | { readonly works: false; readonly code: string };

export type NamespaceTrial =
  | { readonly works: true }
  | { readonly works: false; readonly words: string; readonly reasons: NamespaceReasons }
  /** Could not be tried. */
  | { readonly works: null; readonly why: string };

export interface NamespaceReasons {
  /** kernel.unprivileged_userns_clone, kernel.apparmor_restrict_unprivileged_userns, user.max_user_namespaces; null: not there. */
  readonly clone: number | null;
  readonly apparmor: number | null;
  readonly most: number | null;
}

export type FileTrial =
  | { readonly written: true; readonly holes: boolean }
  | { readonly written: false; readonly code: string };

export type LookupAnswer =
  | { readonly addresses: readonly string[] }
  | { readonly code: string }
  | { readonly silentMs: number };

export type HostsFacts =
  | { readonly state: 'missing'; readonly path: string }
  | { readonly state: 'unreadable'; readonly path: string; readonly code: string }
  | {
      readonly state: 'read';
      readonly path: string;
      readonly bytes: number;
      /** Lines that give an address to names. */
      readonly entries: number;
      readonly crlf: boolean;
      /** Only lines about localhost and what ends in it. */
      readonly lines: readonly HostsLine[];
    };

export interface HostsLine {
  /** From 1. */
  readonly line: number;
  readonly address: string;
  readonly names: readonly string[];
}

export interface NameServiceFacts {
  /** Sources of host names in their order, as nsswitch.conf has them; null: there is no such file. */
  readonly order: readonly string[] | null;
  /** systemd-resolved runs. */
  readonly resolved: boolean;
  readonly nameservers: readonly string[];
}

export type SocketAnswer =
  | { readonly state: 'absent' }
  | { readonly state: 'refused'; readonly code: string }
  | { readonly state: 'silent'; readonly afterMs: number }
  | { readonly state: 'answers'; readonly version: string | null };

export interface DockerSettings {
  /** Null: not said, which means the default: on. */
  readonly userlandProxy: boolean | null;
  /** Why the settings could not be read. */
  readonly unreadable: string | null;
}

export interface FirewallFacts {
  readonly name: 'nft' | 'iptables' | 'ip6tables' | 'ufw' | 'firewalld';
  readonly state: 'on' | 'off' | 'unreadable';
  /** Why it could not be read; null otherwise. */
  readonly why: string | null;
  readonly rules: number | null;
  /** Rules that drop or refuse what goes over the loopback interface. */
  readonly againstLoopback: readonly string[];
  /** New connections from other machines are refused unless a rule lets them in; null: it cannot be told. */
  readonly refusesIncoming: boolean | null;
}

export interface TrustQuery {
  readonly certificate: string | null;
  /** Home directory of the person; null: there is none. */
  readonly home: string | null;
  readonly variables: Readonly<Record<string, string>>;
}

export interface TrustStore {
  readonly kind: 'system' | 'nss' | 'java' | 'variable';
  /** `Firefox`, `NODE_EXTRA_CA_CERTS` */
  readonly name: string;
  readonly path: string;
  /** Null: not asked for, or could not be told (`why`). */
  readonly holds: boolean | null;
  readonly why: string | null;
}

/** `code`: why it cannot be looked at, such as `ENOENT`. */
export type PathFacts = { readonly code: string } | PathThere;

export interface PathThere {
  readonly kind: 'directory' | 'file' | 'socket' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly bytes: number;
  readonly readable: boolean;
  readonly writable: boolean;
}

export type SpaceFacts = { readonly code: string } | FileSystemSpace;

export interface FileSystemSpace {
  readonly freeBytes: number;
  readonly totalBytes: number;
  /** Null where files are not counted. */
  readonly freeFiles: number | null;
  /** `ext4`, or the number that has no name. */
  readonly kind: string;
}

export interface ClaimFacts {
  /** `block-12`, `port-20000` */
  readonly name: string;
  /** Holders that can be seen. */
  readonly pids: readonly number[];
}

export interface Surroundings {
  /** `docker`, `podman`, `lxc`, `kubernetes`, `systemd-nspawn`, …; null: none is seen. */
  readonly container: string | null;
  readonly wsl: boolean;
  /** The family of distributions, which says how programs are installed: `debian`, `fedora`, `suse`, `arch`, `alpine`; null: another. */
  readonly family: string | null;
  /** Release of the kernel. */
  readonly kernel: string;
}

export interface ClockFacts {
  /** '' where it cannot be known. */
  readonly boot: string;
  /** Epoch ms. */
  readonly now: number;
  readonly uptimeMs: number;
}
