/**
 * Where Loopyard keeps state and sockets, as pinned by the design. Pure text work; it must not touch the disk.
 */

export interface HomeFacts {
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly homedir: string;
}

export interface HomePaths {
  /** State: 0700. */
  readonly home: string;
  /** Directory of the sockets: 0700. */
  readonly runtime: string;
  readonly socket: string;
  readonly daemonLog: string;
  /** Holds the path of the socket that is served: a caller may differ from the daemon in XDG_RUNTIME_DIR or TMPDIR. */
  readonly socketNote: string;
  readonly environments: string;
}

/** Node cuts longer socket paths silently (`sun_path` holds 108 bytes with its NUL). */
const SOCKET_PATH_BYTES = 107;

/** `shortDirectory(key)`: a private directory with a short path, for homes whose socket path would be too long. */
export function homePaths(facts: HomeFacts, shortDirectory: (home: string) => string): HomePaths {
  const { variables, homedir } = facts;
  const given = set(variables.LOOPYARD_HOME);
  const home = stripSlash(given ?? `${set(variables.XDG_STATE_HOME) ?? `${homedir}/.local/state`}/loopyard`);
  const xdgRuntime = set(variables.XDG_RUNTIME_DIR);
  const wish = given === undefined && xdgRuntime !== undefined ? `${xdgRuntime}/loopyard` : home;
  const runtime =
    byteLength(`${wish}/daemon.sock.tmp-0000000`) > SOCKET_PATH_BYTES ? shortDirectory(home) : wish;
  return {
    home,
    runtime,
    socket: `${runtime}/daemon.sock`,
    daemonLog: `${home}/daemon.log`,
    socketNote: `${home}/socket`,
    environments: `${home}/environments`,
  };
}

export interface GatewayPaths {
  /** Private. */
  readonly directory: string;
  readonly snapshot: string;
  readonly certificates: string;
  /** Of the authority that signs them: what `lo trust` makes known. */
  readonly authority: string;
  readonly authorityKey: string;
  readonly log: string;
  readonly socket: string;
  /** The file that the names of this home's locks are made from. */
  readonly secret: string;
}

export function gatewayPaths(home: HomePaths): GatewayPaths {
  const directory = `${home.home}/gateway`;
  return {
    directory,
    snapshot: `${directory}/snapshot.json`,
    certificates: `${directory}/certificates`,
    authority: `${home.home}/ca.pem`,
    authorityKey: `${home.home}/ca-key.pem`,
    log: `${directory}/gateway.log`,
    socket: `${home.runtime}/gateway.sock`,
    secret: `${home.home}/lock`,
  };
}

export interface EnvironmentPaths {
  readonly directory: string;
  readonly state: string;
  readonly runs: string;
  /** Commands of `lo` that work for the environment. */
  readonly commands: string;
  readonly logs: string;
  log(service: string): string;
  data(service: string): string;
  runFiles(service: string): string;
}

export function environmentPaths(home: HomePaths, id: string): EnvironmentPaths {
  const directory = `${home.environments}/${id}`;
  return {
    directory,
    state: `${directory}/environment.json`,
    runs: `${directory}/runs`,
    commands: `${directory}/commands`,
    logs: `${directory}/logs`,
    log: (service) => `${directory}/logs/${service}.log`,
    data: (service) => `${directory}/data/${service}`,
    runFiles: (service) => `${directory}/files/${service}`,
  };
}

/** A variable that is empty counts as missing (XDG Base Directory Specification). */
function set(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

function stripSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** UTF-8 bytes, without Node's or the browser's encoders. */
function byteLength(value: string): number {
  let bytes = 0;
  for (const character of value) {
    const point = character.codePointAt(0) ?? 0;
    bytes += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return bytes;
}
