/** What each method of the `Workbench` is asked with. It must not know who answers. */

import type { FaultWords } from './fault-words.ts';
import type { Scope } from './inspection.ts';

/** Which environment is meant: by its checkout's directory (searched upwards), a config file, or its id. */
export interface Target {
  readonly directory: string;
  readonly file?: string;
  readonly environment?: string;
}

export interface UpRequest extends Target {
  /** Empty: all services of the file. */
  readonly services: readonly string[];
  /** The caller's own environment: PATH, HOME and so on reach the services from here. */
  readonly variables: Readonly<Record<string, string>>;
  /**
   * What happens when the connection of this request ends before it settled or was let go:
   * `none`: the environment stays. `stop`: it is stopped with the usual grace. `kill`: everything it started is ended at once.
   */
  readonly owner: 'none' | 'stop' | 'kill';
  /** The caller's pid: tells a later daemon whether the owner still lives. */
  readonly pid: number;
  /** Ends the stream once everything is settled. */
  readonly untilSettled: boolean;
  /** A project given in words instead of a file: the YAML text of `lo run`. */
  readonly inline?: {
    readonly name: string;
    readonly yaml: string;
    /** Its data, logs and addresses stay when its owner is gone. */
    readonly keep: boolean;
  };
}

export interface ServicesRequest extends Target {
  /** Empty: all. */
  readonly services: readonly string[];
}

export interface StartRequest extends ServicesRequest {
  readonly variables: Readonly<Record<string, string>>;
}

export interface DownRequest extends ServicesRequest {
  readonly force: boolean;
  /** Frees its addresses and removes its data and logs. */
  readonly forget: boolean;
}

export interface LogsRequest extends ServicesRequest {
  readonly follow: boolean;
  /** Last so many lines of each service; -1: all. */
  readonly tail: number;
  /** Epoch ms. */
  readonly since?: number;
  /** A JavaScript regular expression. */
  readonly grep?: string;
}

export interface ServiceRequest extends Target {
  readonly service: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ConnectRequest extends ServiceRequest {
  /** The caller's own pid, when it starts what it is told: guarded services take it for declared. */
  readonly pid?: number;
}

export interface EnvRequest extends Target {
  /** null: what `run`, `test` and `exec` give to a command of the environment. */
  readonly service: string | null;
  readonly variables: Readonly<Record<string, string>>;
  /** As in `ConnectRequest`. */
  readonly pid?: number;
}

export interface PortsRequest {
  /** Unix sockets, connections and other network namespaces too. */
  readonly all: boolean;
  readonly port?: number;
  /** Listeners that this process holds. */
  readonly pid?: number;
  /** Part of the owner's name or command, or the name of a service. */
  readonly name?: string;
  readonly scope?: Scope;
}

export interface WhyRequest {
  readonly port: number;
}

export interface ExplainRequest {
  /** An address, a name, either with a port, or a port alone. */
  readonly subject: string;
}

export interface AliasRequest {
  readonly name: string;
  readonly target: string;
}

export interface AddLinkRequest {
  readonly target: string;
  readonly listen?: string;
  readonly name?: string;
}

export interface RemoveLinkRequest {
  readonly name: string;
}

export interface AddFaultRequest extends Target {
  readonly link: string;
  readonly fault: FaultWords;
}

export interface RemoveFaultsRequest extends Target {
  /** Without it those of all links of the environment, and of all links without a project. */
  readonly link?: string;
  /** Without it all of the link. */
  readonly name?: string;
}

export interface SwitchRequest extends Target {
  /** An id, a name or a folder's name; without it the target itself is meant. */
  readonly to?: string;
}

export interface DoorsRequest {
  readonly reopen: boolean;
}

export interface AuthorityRequest {
  /** There shall be one afterwards. */
  readonly make: boolean;
}

export interface ShutdownRequest {
  /** Stop every environment first; else services live on and the next daemon adopts them. */
  readonly all: boolean;
}
