/**
 * The one way in: the `Workbench` interface and the route of each of its methods. The daemon implements it, the client speaks it
 * over the socket, the reference page is generated from it. It must not know transports.
 */

import type {
  CleanReport,
  ClientCommand,
  DaemonInfo,
  DoctorReport,
  EnvironmentList,
  EnvironmentStatus,
  LogLine,
  ServiceEnvironment,
  WatchEvent,
} from './status.ts';

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

export interface EnvRequest extends Target {
  /** null: what `run`, `test` and `exec` give to a command of the environment. */
  readonly service: string | null;
  readonly variables: Readonly<Record<string, string>>;
}

export interface ShutdownRequest {
  /** Stop every environment first; else services live on and the next daemon adopts them. */
  readonly all: boolean;
}

export interface Workbench {
  info(): Promise<DaemonInfo>;
  up(request: UpRequest): AsyncIterable<WatchEvent>;
  down(request: DownRequest): AsyncIterable<WatchEvent>;
  start(request: StartRequest): AsyncIterable<WatchEvent>;
  stop(request: ServicesRequest): AsyncIterable<WatchEvent>;
  restart(request: StartRequest): AsyncIterable<WatchEvent>;
  ps(request: Target): Promise<EnvironmentStatus>;
  ls(): Promise<EnvironmentList>;
  watch(request: Target): AsyncIterable<WatchEvent>;
  /** Several lines at a time: a million of them must not cost a million hand-overs. */
  logs(request: LogsRequest): AsyncIterable<readonly LogLine[]>;
  env(request: EnvRequest): Promise<ServiceEnvironment>;
  connect(request: ServiceRequest): Promise<ClientCommand>;
  reset(request: ServiceRequest): Promise<EnvironmentStatus>;
  clean(): Promise<CleanReport>;
  doctor(): Promise<DoctorReport>;
  shutdown(request: ShutdownRequest): Promise<DaemonInfo>;
}

export type RouteName = keyof Workbench;

export interface Route {
  readonly name: RouteName;
  readonly path: string;
  /**
   * `reply`: one JSON document. `stream`: NDJSON, one document a line, until the server ends it. `batches`: the same on the wire;
   * the method's items are lists of documents.
   */
  readonly answer: 'reply' | 'stream' | 'batches';
  readonly summary: string;
  /** Field -> meaning, for the reference page. */
  readonly request: Readonly<Record<string, string>>;
  readonly response: string;
}

const TARGET = {
  directory: 'absolute path; the config is searched here and upwards',
  file: 'optional: the config file itself',
  environment: 'optional: an environment id from `ls`',
} as const;
const SERVICES = { services: 'names; empty means all' } as const;
const VARIABLES = { variables: "the caller's environment; services inherit it" } as const;

/** All requests are `POST` with a JSON body, so that arguments never stand in a URL or a log. */
export const ROUTES: readonly Route[] = [
  {
    name: 'info',
    path: '/v1/info',
    answer: 'reply',
    summary: 'Version, pid and paths of the daemon.',
    request: {},
    response: 'DaemonInfo',
  },
  {
    name: 'up',
    path: '/v1/up',
    answer: 'stream',
    summary: 'Reads the config and starts services with all that they need.',
    request: {
      ...TARGET,
      ...SERVICES,
      ...VARIABLES,
      owner: '`none`, `stop` or `kill`: what the end of this connection does to the environment',
      pid: "the caller's pid",
      untilSettled: 'end the stream once everything is settled',
      inline:
        'optional: a project given as YAML text instead of a file; `keep`: it is not forgotten when its owner is gone',
    },
    response: 'WatchEvent',
  },
  {
    name: 'down',
    path: '/v1/down',
    answer: 'stream',
    summary: 'Stops services in reverse order of their needs.',
    request: {
      ...TARGET,
      ...SERVICES,
      force: 'no order, no grace',
      forget: 'free addresses, remove data and logs',
    },
    response: 'WatchEvent',
  },
  {
    name: 'start',
    path: '/v1/start',
    answer: 'stream',
    summary: 'Starts services of a known environment with all that they need.',
    request: { ...TARGET, ...SERVICES, ...VARIABLES },
    response: 'WatchEvent',
  },
  {
    name: 'stop',
    path: '/v1/stop',
    answer: 'stream',
    summary: 'Stops the named services only.',
    request: { ...TARGET, ...SERVICES },
    response: 'WatchEvent',
  },
  {
    name: 'restart',
    path: '/v1/restart',
    answer: 'stream',
    summary: 'Stops and starts services; reads the config again first.',
    request: { ...TARGET, ...SERVICES, ...VARIABLES },
    response: 'WatchEvent',
  },
  {
    name: 'ps',
    path: '/v1/ps',
    answer: 'reply',
    summary: 'The state of one environment.',
    request: { ...TARGET },
    response: 'EnvironmentStatus',
  },
  {
    name: 'ls',
    path: '/v1/ls',
    answer: 'reply',
    summary: 'All environments of this daemon.',
    request: {},
    response: 'EnvironmentList',
  },
  {
    name: 'watch',
    path: '/v1/watch',
    answer: 'stream',
    summary: 'A snapshot of one environment, then its changes. A reader that does not keep up is dropped.',
    request: { ...TARGET },
    response: 'WatchEvent',
  },
  {
    name: 'logs',
    path: '/v1/logs',
    answer: 'batches',
    summary: 'Lines of output.',
    request: {
      ...TARGET,
      ...SERVICES,
      follow: 'go on with new lines',
      tail: 'last lines of each service; -1: all',
      since: 'optional: epoch ms',
      grep: 'optional: a regular expression',
    },
    response: 'LogLine',
  },
  {
    name: 'env',
    path: '/v1/env',
    answer: 'reply',
    summary: 'The variables that a service, or a command of the environment, is given.',
    request: { ...TARGET, ...VARIABLES, service: 'a name, or null' },
    response: 'ServiceEnvironment',
  },
  {
    name: 'connect',
    path: '/v1/connect',
    answer: 'reply',
    summary: "The command line of the recipe's own client.",
    request: { ...TARGET, ...VARIABLES, service: 'a name' },
    response: 'ClientCommand',
  },
  {
    name: 'reset',
    path: '/v1/reset',
    answer: 'reply',
    summary: 'Stops a service and wipes its data directory.',
    request: { ...TARGET, ...VARIABLES, service: 'a name' },
    response: 'EnvironmentStatus',
  },
  {
    name: 'clean',
    path: '/v1/clean',
    answer: 'reply',
    summary: 'Removes stopped environments whose checkout is gone.',
    request: {},
    response: 'CleanReport',
  },
  {
    name: 'doctor',
    path: '/v1/doctor',
    answer: 'reply',
    summary: 'What works on this machine, and what does not.',
    request: {},
    response: 'DoctorReport',
  },
  {
    name: 'shutdown',
    path: '/v1/shutdown',
    answer: 'reply',
    summary: 'Ends the daemon.',
    request: { all: 'stop every environment first' },
    response: 'DaemonInfo',
  },
];
