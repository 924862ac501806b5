/**
 * The one way in: the `Workbench` interface and the route of each of its methods. The daemon implements it, the client speaks it
 * over the socket, the reference page is generated from it. It must not know transports.
 */

import type { TrafficReport } from './gateway.ts';
import type { ExplainReport, HoldingList, PortsEvent, PortsReport, WhyReport } from './inspection.ts';
import type { LinkList } from './link-list.ts';
import { LINK_ROUTES } from './link-routes.ts';
import type { AliasList, AuthorityReport, SwitchReport } from './naming.ts';
import { NAMING_ROUTES } from './naming-routes.ts';
import { TARGET } from './request-fields.ts';
import type {
  AddFaultRequest,
  AddLinkRequest,
  AliasRequest,
  AuthorityRequest,
  ConnectRequest,
  DoorsRequest,
  DownRequest,
  EnvRequest,
  ExplainRequest,
  LogsRequest,
  PortsRequest,
  RemoveFaultsRequest,
  RemoveLinkRequest,
  ServiceRequest,
  ServicesRequest,
  ShutdownRequest,
  StartRequest,
  SwitchRequest,
  Target,
  UpRequest,
  WhyRequest,
} from './requests.ts';
import type { DoorList } from './setup.ts';
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

export type * from './requests.ts';

/** The part that explains the machine: a daemon answers it, and so does a command by itself. */
export interface Inspection {
  ports(request: PortsRequest): Promise<PortsReport>;
  /** A snapshot first, then what changes. */
  watchPorts(request: PortsRequest): AsyncIterable<PortsEvent>;
  why(request: WhyRequest): Promise<WhyReport>;
  explain(request: ExplainRequest): Promise<ExplainReport>;
  doctor(): Promise<DoctorReport>;
}

export interface Workbench extends Inspection {
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
  connect(request: ConnectRequest): Promise<ClientCommand>;
  reset(request: ServiceRequest): Promise<EnvironmentStatus>;
  clean(): Promise<CleanReport>;
  /** What all environments hold, for commands that look at the machine themselves. */
  holdings(): Promise<HoldingList>;
  aliases(): Promise<AliasList>;
  alias(request: AliasRequest): Promise<AliasList>;
  unalias(request: Pick<AliasRequest, 'name'>): Promise<AliasList>;
  switchTo(request: SwitchRequest): Promise<SwitchReport>;
  doors(request: DoorsRequest): Promise<DoorList>;
  traffic(): Promise<TrafficReport>;
  links(request: Target): Promise<LinkList>;
  watchLinks(request: Target): AsyncIterable<LinkList>;
  addLink(request: AddLinkRequest): Promise<LinkList>;
  removeLink(request: RemoveLinkRequest): Promise<LinkList>;
  /** The list holds the links that are affected. */
  addFault(request: AddFaultRequest): Promise<LinkList>;
  removeFaults(request: RemoveFaultsRequest): Promise<LinkList>;
  authority(request: AuthorityRequest): Promise<AuthorityReport>;
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

const SERVICES = { services: 'names; empty means all' } as const;
const STARTER =
  'optional: the pid of a caller that starts what it is told, which makes that a declared caller';
const VARIABLES = { variables: "the caller's environment; services inherit it" } as const;
const PORTS = {
  all: 'unix sockets, connections and other network namespaces too',
  port: 'optional: listeners on this port',
  pid: 'optional: listeners that this process holds',
  name: "optional: part of the owner's name or command, or a service",
  scope: 'optional: `loopback`, `interface` or `wildcard`',
} as const;

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
    request: { ...TARGET, ...VARIABLES, service: 'a name, or null', pid: STARTER },
    response: 'ServiceEnvironment',
  },
  {
    name: 'connect',
    path: '/v1/connect',
    answer: 'reply',
    summary: "The command line of the recipe's own client.",
    request: { ...TARGET, ...VARIABLES, service: 'a name', pid: STARTER },
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
    name: 'ports',
    path: '/v1/ports',
    answer: 'reply',
    summary: 'Every listener of the machine, who owns it, and who can reach it.',
    request: { ...PORTS },
    response: 'PortsReport',
  },
  {
    name: 'watchPorts',
    path: '/v1/watch-ports',
    answer: 'stream',
    summary: 'The listeners of the machine, then their changes.',
    request: { ...PORTS },
    response: 'PortsEvent',
  },
  {
    name: 'why',
    path: '/v1/why',
    answer: 'reply',
    summary: 'Which binds of a port would succeed, who answers there, and every cause.',
    request: { port: 'the port' },
    response: 'WhyReport',
  },
  {
    name: 'explain',
    path: '/v1/explain',
    answer: 'reply',
    summary: 'What an address and a port are.',
    request: { subject: 'an address, a name, either with a port, or a port alone' },
    response: 'ExplainReport',
  },
  {
    name: 'holdings',
    path: '/v1/holdings',
    answer: 'reply',
    summary: 'Addresses and ports that environments hold, with the process that serves them.',
    request: {},
    response: 'HoldingList',
  },
  ...NAMING_ROUTES,
  ...LINK_ROUTES,
  {
    name: 'shutdown',
    path: '/v1/shutdown',
    answer: 'reply',
    summary: 'Ends the daemon.',
    request: { all: 'stop every environment first' },
    response: 'DaemonInfo',
  },
];
