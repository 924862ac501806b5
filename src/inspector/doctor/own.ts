/** What the doctor is told of Loopyard's own: the daemon's room finds it out and hands it in. It must not look by itself. */

import type { Door } from '../../core/gateway.ts';

export interface Own {
  place(): OwnPlace;
  /** Of the program that asks. */
  build(): { readonly version: string; readonly build: string };
  /** Of the variables of the caller, those in `VARIABLES` that are set. */
  variables(): Readonly<Record<string, string>>;
  daemon(): Promise<DaemonAnswer>;
  gateway(): Promise<GatewayAnswer>;
  environments(): Promise<readonly KnownEnvironment[]>;
  wishes(): DoctorWishes;
  hostsNames(): HostsNames;
}

/** What is tried only when it is asked for. */
export interface DoctorWishes {
  /** A browser, which takes seconds. */
  readonly browser: boolean;
}

/** How many names are served, or were last, and how many of them stand in the hosts file for both families. */
export interface HostsNames {
  readonly served: number;
  readonly there: number;
}

export interface OwnPlace {
  /** The state directory. */
  readonly home: string;
  /** Directory of the sockets. */
  readonly runtime: string;
  readonly socket: string;
  /** The CA, once there is one: PEM. */
  readonly certificate: string;
  /** Home directory of the person; null: there is none. */
  readonly person: string | null;
}

/** `holder`: a process that holds this home's lock although nobody answers; null: none is seen. */
export type DaemonAnswer =
  | { readonly state: 'absent'; readonly holder: number | null }
  | { readonly state: 'silent'; readonly afterMs: number; readonly holder: number | null }
  | { readonly state: 'refused'; readonly reason: string }
  | {
      readonly state: 'answers';
      readonly version: string;
      readonly build: string;
      readonly pid: number;
      readonly socket: string;
      /** It sees the same network and the same processes as the caller. */
      readonly sameNamespaces: boolean;
      readonly environments: number;
      readonly running: number;
    };

export type GatewayAnswer =
  | { readonly state: 'absent' }
  | { readonly state: 'refused'; readonly code: string }
  | { readonly state: 'silent'; readonly afterMs: number }
  | {
      readonly state: 'answers';
      readonly version: string;
      readonly build: string;
      readonly pid: number;
      readonly doors: readonly Door[];
    };

/** One environment as it lies in the state directory, with what lives of it. */
export interface KnownEnvironment {
  readonly id: string;
  /** Why its state could not be read; the rest is empty then. */
  readonly unreadable: string | null;
  readonly name: string;
  /** The config file, or the directory where it has none. */
  readonly checkout: string;
  readonly exists: boolean;
  /** /24 blocks of 127.64.0.0/10, by number. */
  readonly blocks: readonly number[];
  /** Runs whose program lives. */
  readonly alive: readonly { readonly run: string; readonly pid: number }[];
}

const PROXIES = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'] as const;

export const PROXY_VARIABLES: readonly string[] = PROXIES;

/** All that checks read of the caller's environment. */
export const VARIABLES: readonly string[] = [
  ...PROXIES,
  'no_proxy',
  'NO_PROXY',
  'DOCKER_HOST',
  'XDG_RUNTIME_DIR',
  'JAVA_HOME',
  'NODE_EXTRA_CA_CERTS',
  'SSL_CERT_FILE',
  'CURL_CA_BUNDLE',
  'REQUESTS_CA_BUNDLE',
  'GIT_SSL_CAINFO',
];
