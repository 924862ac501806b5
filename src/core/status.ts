/**
 * The documents that `--json` prints and the API answers. Their keys are promises: consumers tolerate new keys and values, never
 * lost ones. Durations in ms, times ISO 8601. This file must not know how the documents are made.
 */

import type { FaultStatus } from './fault.ts';
import type { StateName } from './lifecycle.ts';
import type { LinkPlace } from './link.ts';
import type { NeedUntil, Protocol } from './model.ts';
import type { Traffic } from './traffic.ts';

export const SCHEMA_VERSION = 1;

export type Strategy = 'address' | 'port';

export type WarningCode =
  | 'ACCESS_OPEN'
  | 'CALLER_REFUSED'
  | 'DAEMONIZED'
  | 'ENDPOINT_UNSERVED'
  | 'LINK_HOLDS_PORT'
  | 'LISTENS_ELSEWHERE'
  | 'LISTENS_UNDECLARED'
  | 'LISTENS_WIDE'
  | 'LOG_CAPPED'
  | 'LOG_UNWRITABLE'
  | 'NAME_HELD'
  | 'CALLED_UNDECLARED'
  | 'PORT_HELD_WIDE'
  | 'PORT_LEASED';

export interface Warning {
  readonly code: WarningCode;
  readonly text: string;
  readonly fix: string;
}

export interface EndpointStatus {
  readonly name: string;
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  readonly url: string;
  /** Where it listens itself, when others are to call somewhere else: a guarded service has a door before it. */
  readonly listens?: LinkPlace;
  /** URLs of its names, through the gateway; the first is the one to tell people. Empty: it has none, or there is no gateway. */
  readonly names: readonly string[];
}

export interface NeedDocument {
  readonly service: string;
  readonly until: NeedUntil;
  readonly satisfied: boolean;
}

export interface ServiceStatus {
  readonly name: string;
  readonly state: StateName;
  /** Why it is in this state, in words; null when there is nothing to add. */
  readonly reason: string | null;
  readonly strategy: Strategy;
  readonly pid: number | null;
  readonly endpoints: readonly EndpointStatus[];
  /** The present or last run's id, null before the first. */
  readonly run: string | null;
  readonly restarts: number;
  readonly since: string;
  readonly exit: { readonly code: number | null; readonly signal: string | null; readonly at: string } | null;
  readonly needs: readonly NeedDocument[];
  readonly warnings: readonly Warning[];
  /** In force on the links from this service to others. */
  readonly faults: readonly FaultStatus[];
  /** Others than its declared callers are refused, where that is possible; absent: nobody is asked. */
  readonly access?: 'declared';
  readonly task: boolean;
  /** From launch to ready (or to a task's end) in ms; null while there is none. */
  readonly startupMs: number | null;
  /** The file that its output goes to. */
  readonly log: string;
  /** The directory of its data, which may not exist yet: `lo reset` wipes what is in it. */
  readonly data: string;
}

export interface EnvironmentRef {
  readonly id: string;
  readonly path: string;
  readonly name: string;
}

/** `lo ps --json` */
export interface EnvironmentStatus {
  readonly schema: typeof SCHEMA_VERSION;
  readonly environment: EnvironmentRef;
  readonly project: string;
  /** The config file; null for a project without one. */
  readonly config: string | null;
  readonly services: readonly ServiceStatus[];
  /** What came through the gateway, in the answer of `ps` alone. Null: no gateway runs, or it did not answer. */
  readonly traffic?: Traffic | null;
}

/** `lo ls --json` */
export interface EnvironmentList {
  readonly schema: typeof SCHEMA_VERSION;
  readonly environments: readonly EnvironmentSummary[];
}

export interface EnvironmentSummary extends EnvironmentRef {
  readonly project: string;
  /** False when the checkout is gone: `lo clean` frees what it holds. */
  readonly exists: boolean;
  readonly blocks: readonly string[];
  readonly services: Readonly<Partial<Record<StateName, number>>>;
}

export interface LogLine {
  readonly service: string;
  readonly run: string | null;
  /** When the line was written, as near as is known. */
  readonly at: string;
  /** Logical offset of the line's first byte. */
  readonly offset: number;
  /** Without its line end; bytes that are no UTF-8 come as U+FFFD. */
  readonly text: string;
  /** The line was longer than what is shown at once; the rest follows in further lines. */
  readonly partial?: boolean;
}

/** What is seen of an environment: a snapshot first, then changes. */
export type WatchEvent =
  | { readonly type: 'snapshot'; readonly status: EnvironmentStatus }
  | { readonly type: 'service'; readonly environment: string; readonly service: ServiceStatus }
  /** All that was asked for is settled: up (or down), or as far as it will get. */
  | { readonly type: 'settled'; readonly outcome: Outcome }
  | { readonly type: 'notice'; readonly text: string }
  | { readonly type: 'removed'; readonly environment: string };

export interface Outcome {
  readonly good: boolean;
  /** Services that did not get there; those that failed by themselves before those that wait for them. */
  readonly bad: readonly {
    readonly service: string;
    readonly state: StateName;
    readonly reason: string | null;
    readonly warnings: readonly Warning[];
    /** Its last lines of output. */
    readonly tail: readonly string[];
    readonly log: string;
  }[];
}

export interface DaemonInfo {
  readonly schema: typeof SCHEMA_VERSION;
  readonly version: string;
  readonly build: string;
  readonly pid: number;
  readonly started: string;
  /** What it sees of the machine is what a process in the same namespaces sees; null where there are none. */
  readonly namespaces: { readonly network: string | null; readonly processes: string | null };
  readonly home: string;
  readonly socket: string;
  readonly log: string;
  readonly environments: number;
  readonly running: number;
}

/** `lo env SERVICE --json`, and what `exec`, `run` and `test` give to their command. */
export interface ServiceEnvironment {
  readonly schema: typeof SCHEMA_VERSION;
  readonly service: string | null;
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ClientCommand {
  readonly schema: typeof SCHEMA_VERSION;
  readonly argv: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
}

export type Verdict = 'ok' | 'warn' | 'fail' | 'unknown';

/** Parts of the doctor's page. */
export type CheckGroup = 'node' | 'network' | 'state' | 'machine';

export interface DoctorReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly checks: readonly {
    readonly id: string;
    readonly title: string;
    readonly group: CheckGroup;
    readonly verdict: Verdict;
    readonly text: string;
    readonly fix: string | null;
  }[];
}

export interface CleanReport {
  readonly schema: typeof SCHEMA_VERSION;
  readonly removed: readonly EnvironmentRef[];
  readonly kept: readonly (EnvironmentRef & { readonly why: string })[];
  readonly bytes: number;
}
