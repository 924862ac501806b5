/** What checks may know of the machine and the project without sending anything. Types only; the daemon's side fills them. */

import type { ConfigPlace } from '../core/audit.ts';

/** Each is asked when it is needed, and answers for the moment. What may not be read is null or left out, as each says. */
export interface MachineFacts {
  /** Interfaces that are up, with the addresses they have. */
  interfaces(): readonly NetworkInterface[];
  /** Unix ms: what dates are compared with. */
  time(): number;
  /** Of every process that can be seen. */
  processes(): readonly ProcessFact[];
  /** TCP connections of this machine, in every state but listening. */
  connections(): readonly ConnectionFact[];
  /** Unix sockets with a path on which somebody listens. */
  unixSockets(): readonly { readonly path: string; readonly pids: readonly number[] }[];
  /** One for each firewall that is there; empty: nothing is here that could tell. */
  firewalls(): Promise<readonly FirewallFact[]>;
  /** Containers of managers that answer here, with what they publish. */
  containers(): Promise<readonly ContainerFact[]>;
  /** Without following a link; null: not there, or not for us. */
  path(path: string): Promise<PathFact | null>;
  /** The beginning of a file; null: it cannot be read. */
  readFile(path: string, mostBytes: number): Promise<Buffer | null>;
  readonly user: UserFact;
  /** Null: no config of ours is looked at. */
  readonly project: ProjectFacts | null;
}

export interface NetworkInterface {
  readonly name: string;
  readonly kind: 'loopback' | 'lan' | 'wireless' | 'bridge' | 'vpn' | 'virtual' | 'unknown';
  readonly addresses: readonly string[];
}

export interface ProcessFact {
  readonly pid: number;
  readonly parent: number;
  /** Null: it cannot be seen. */
  readonly uid: number | null;
  readonly command: readonly string[];
}

export interface ConnectionFact {
  readonly state: string;
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  readonly pids: readonly number[];
}

export interface FirewallFact {
  readonly name: string;
  readonly state: 'on' | 'off' | 'unreadable';
  /** New connections from other machines are refused unless a rule lets them in; null: it cannot be told. */
  readonly refusesIncoming: boolean | null;
  readonly why: string | null;
}

export interface ContainerFact {
  readonly runtime: string;
  readonly name: string;
  readonly published: readonly {
    readonly protocol: 'tcp' | 'udp';
    readonly address: string;
    readonly port: number;
    readonly target: number;
  }[];
}

export interface PathFact {
  readonly kind: 'directory' | 'file' | 'socket' | 'link' | 'other';
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Who asks. */
export interface UserFact {
  readonly name: string;
  readonly uid: number | null;
  readonly groups: readonly number[];
  /** Null: there is none. */
  readonly home: string | null;
}

export interface ProjectFacts {
  readonly name: string;
  /** The config file, absolute; null: it stands in none. */
  readonly file: string | null;
  /** Where its paths start from; null with `file`. */
  readonly directory: string | null;
  readonly services: readonly DeclaredService[];
}

export interface DeclaredService {
  readonly name: string;
  readonly place: ConfigPlace | null;
  readonly running: boolean;
  readonly endpoints: readonly { readonly name: string; readonly address: string; readonly port: number }[];
}
