/**
 * A project as the rest of Loopyard sees it: checked, normalised, every default filled in. Made by `config/`, carried out by
 * `daemon/`. It must not know how a config file is written, nor which addresses an environment got.
 */

import type { Fault } from './fault.ts';

/** One `loopyard.yaml` after checking. Paths are absolute. */
export interface Project {
  readonly name: string;
  /** The config file, or null for a project without one (`lo run`). */
  readonly file: string | null;
  /** The directory that relative paths start from. */
  readonly root: string;
  /** In the order of the file. */
  readonly services: readonly Service[];
  /** Targets outside the project that services may need. Missing: written before there were any. */
  readonly externals?: readonly External[];
}

export interface External {
  readonly name: string;
  readonly protocol: Protocol;
  readonly target:
    | { readonly kind: 'address'; readonly address: string; readonly port: number }
    | {
        readonly kind: 'environment';
        readonly environment: string;
        readonly service: string;
        /** Null: the first. */
        readonly endpoint: string | null;
        /** What callers are told. */
        readonly port: number;
      };
}

export interface Service {
  readonly name: string;
  readonly command: Command;
  readonly cwd: string;
  /** The first is `PORT`. Empty for programs that do not listen. */
  readonly endpoints: readonly EndpointSpec[];
  readonly needs: readonly Need[];
  readonly env: Readonly<Record<string, Template>>;
  /** Absolute paths, in order; later files win over earlier ones, `env` over all. */
  readonly envFiles: readonly string[];
  /** null: the file says nothing; a recipe's own, else TCP on the first endpoint, else none. */
  readonly ready: Readiness | null;
  readonly restart: RestartPolicy;
  /** What the file says; a recipe's own, then `DEFAULT_STOP`, stand in for what is missing. */
  readonly stop: Partial<StopPolicy>;
  /** Runs to its end instead of staying up. */
  readonly task: boolean;
  /** `as-is`: leave the program's own listen() calls alone (no Node preload). */
  readonly bind: 'lease' | 'as-is';
  /** Absolute path that replaces the environment's own data directory for this service. */
  readonly data: string | null;
  /** Names beside its own. Absent: none, as in the state of those who wrote it before there were any. */
  readonly names?: readonly NameRule[];
  /** On every link to this service. */
  readonly faults?: readonly Fault[];
  /** Others than those who need it are refused. Absent: nobody is asked who they are. */
  readonly access?: 'declared';
}

export type NameRule =
  /** Every name one label below its own ones. */
  | { readonly kind: 'below' }
  /** `path` and what lies below it, on the names of another service. */
  | { readonly kind: 'path'; readonly service: string; readonly path: string };

export type Command =
  /** Runs under `sh -c`: has shell operators, starts with `$` or `VAR=…`. */
  | { readonly kind: 'shell'; readonly text: Template }
  | { readonly kind: 'exec'; readonly argv: readonly Template[] }
  | { readonly kind: 'recipe'; readonly recipe: string; readonly options: Readonly<Record<string, unknown>> };

export type Protocol = 'tcp' | 'http' | 'https' | 'postgres' | 'redis';

export interface EndpointSpec {
  readonly name: string;
  readonly protocol: Protocol;
  /** The usual port; what the program is told unless the `port` strategy replaces it. */
  readonly port: number;
}

export type NeedUntil = 'ready' | 'started' | 'completed';

export interface Need {
  readonly service: string;
  readonly until: NeedUntil;
  /** Opts out of a link of its own. */
  readonly direct: boolean;
  /** On this link; in place of those of the service that have the same name. */
  readonly faults?: readonly Fault[];
}

export type Readiness =
  | { readonly kind: 'none' }
  | { readonly kind: 'tcp'; readonly endpoint: string; readonly timeoutMs: number }
  /** Passes on any status below 400 unless `status` says otherwise. */
  | { readonly kind: 'http'; readonly endpoint: string; readonly path: string; readonly timeoutMs: number }
  /** A JavaScript regular expression tried on each line of output. */
  | { readonly kind: 'log'; readonly pattern: string; readonly timeoutMs: number }
  /** Passes when the command exits with 0; it gets the service's own environment. */
  | { readonly kind: 'exec'; readonly command: string; readonly timeoutMs: number };

export interface RestartPolicy {
  readonly policy: 'always' | 'on-failure' | 'never';
  /** The first pause in ms; it doubles up to 64 times itself. */
  readonly backoffMs: number;
  /** So many quick failures in a row, and the service is `failed`. */
  readonly max: number;
}

export interface StopPolicy {
  readonly signal: SignalName;
  readonly graceMs: number;
}

export type SignalName = 'SIGTERM' | 'SIGINT' | 'SIGQUIT' | 'SIGHUP' | 'SIGKILL' | 'SIGUSR1' | 'SIGUSR2';

/** Text with references that are filled when a service starts. */
export type Template = readonly TemplatePart[];

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `${db.host}` `${db.port}` `${db.url}` */
  | { readonly kind: 'need'; readonly service: string; readonly field: 'host' | 'port' | 'url' }
  /** `${db.ports.metrics}` */
  | { readonly kind: 'need-port'; readonly service: string; readonly endpoint: string }
  /** `${env.NAME}` `${env.NAME:-default}` */
  | { readonly kind: 'env'; readonly name: string; readonly fallback: string | null };

export function text(value: string): Template {
  return [{ kind: 'text', text: value }];
}

export const NAME_PATTERN = /^[a-z][a-z0-9-]*$/;
export const RESERVED_SERVICE_NAMES: readonly string[] = ['env'];
export const DEFAULT_READY_TIMEOUT_MS = 60_000;
export const DEFAULT_STOP: StopPolicy = { signal: 'SIGTERM', graceMs: 5000 };
export const DEFAULT_RESTART: RestartPolicy = { policy: 'on-failure', backoffMs: 100, max: 5 };
export const NO_RESTART: RestartPolicy = { policy: 'never', backoffMs: 100, max: 5 };
