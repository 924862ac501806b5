/**
 * What `lo doctor` is told of Loopyard's own: where it lies, what it holds, who answers. The same for the command by itself and for
 * the daemon; only who is asked for the daemon differs. It must not judge.
 */

import { readFileSync } from 'node:fs';
import type { Workbench } from '../core/api.ts';
import { LoopyardError } from '../core/errors.ts';
import { gatewayPaths, type HomePaths } from '../core/paths.ts';
import type { DaemonInfo } from '../core/status.ts';
import {
  type DaemonAnswer,
  type DoctorWishes,
  type HostsNames,
  type Own,
  type OwnPlace,
  VARIABLES,
} from '../inspector/doctor/own.ts';
import { after } from '../platform/patience.ts';
import type { Platform } from '../platform/platform.ts';
import { askGateway } from './doctor-gateway.ts';
import { knownEnvironments } from './known-environments.ts';
import { servedNames } from './served-names.ts';

export interface OwnTools {
  readonly platform: Platform;
  readonly home: HomePaths;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Home directory of the person; null: there is none. */
  readonly person: string | null;
  readonly wishes?: DoctorWishes;
  /** Null: no daemon runs. */
  connect(): Promise<Pick<Workbench, 'info'> | null>;
}

/** A daemon that adopts hundreds of services at its start answers late. */
const WITHIN_MS = 3000;

export function ownFacts(tools: OwnTools): Own {
  return {
    place: () => placeOf(tools),
    build: () => ({ version: __LOOPYARD_VERSION__, build: __LOOPYARD_BUILD__ }),
    variables: () => chosen(tools.variables),
    daemon: () => askDaemon(tools),
    gateway: () => askGateway(gatewayPaths(tools.home).socket),
    wishes: () => tools.wishes ?? { browser: false },
    hostsNames: () => hostsNames(tools),
    environments: async () => knownEnvironments(tools.home, tools.platform),
  };
}

function hostsNames({ home, platform }: OwnTools): HostsNames {
  const served = servedNames(home);
  // Where there is none, nothing has to be read.
  if (served.length === 0) return { served: 0, there: 0 };
  const { entries } = platform.hostsFile();
  const given = (name: string, address: string): boolean =>
    entries.some((entry) => entry.address === address && entry.names.includes(name));
  const there = served.filter((name) => given(name, '127.0.0.1') && given(name, '::1'));
  return { served: served.length, there: there.length };
}

function placeOf({ home, person }: OwnTools): OwnPlace {
  return {
    home: home.home,
    runtime: home.runtime,
    socket: home.socket,
    certificate: gatewayPaths(home).authority,
    person,
  };
}

function chosen(variables: OwnTools['variables']): Readonly<Record<string, string>> {
  const found = VARIABLES.flatMap((name) => {
    const value = variables[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

async function askDaemon(tools: OwnTools): Promise<DaemonAnswer> {
  let giveUp = (): void => undefined;
  try {
    const late = new Promise<'silent'>((resolve) => {
      giveUp = after(WITHIN_MS, () => resolve('silent'));
    });
    const info = await Promise.race([infoFrom(tools), late]);
    if (info === 'silent') return { state: 'silent', afterMs: WITHIN_MS, holder: lockHolder(tools) };
    if (info === null) return { state: 'absent', holder: lockHolder(tools) };
    return answered(info, tools);
  } catch (error) {
    if (error instanceof LoopyardError) return { state: 'refused', reason: error.message };
    throw error;
  } finally {
    giveUp();
  }
}

async function infoFrom({ connect }: OwnTools): Promise<DaemonInfo | null> {
  return (await (await connect())?.info()) ?? null;
}

/** A daemon of an older build may not tell its namespaces: then there is no reason to think that they differ. */
function answered(info: DaemonInfo, { platform }: OwnTools): DaemonAnswer {
  const { version, build, pid, socket, environments, running } = info;
  const theirs = info.namespaces as DaemonInfo['namespaces'] | undefined;
  const ours = platform.namespaces();
  const sameNamespaces =
    theirs === undefined || (theirs.network === ours.network && theirs.processes === ours.processes);
  return { state: 'answers', version, build, pid, socket, sameNamespaces, environments, running };
}

/** Who holds the claim that only a daemon of this home takes (`lock.ts`). Null: nobody, or nobody that can be seen. */
function lockHolder({ home, platform }: OwnTools): number | null {
  let secret: string;
  try {
    secret = readFileSync(`${home.home}/lock`, 'latin1');
  } catch {
    // No daemon of this home has ever run, or it is another user's.
    return null;
  }
  const name = `@loopyard/daemon-${secret}`;
  try {
    const { sockets } = platform.unixSockets();
    const lock = sockets.find(({ path }) => path?.replace(/@+$/, '') === name);
    if (lock === undefined) return null;
    return platform.holders(new Set([lock.inode])).byInode.get(lock.inode)?.[0] ?? null;
  } catch (error) {
    if (error instanceof LoopyardError) return null;
    throw error;
  }
}
