/**
 * A connection to this user's daemon, started when there is none. It must not know what the daemon does. Twenty commands at the
 * same instant may each start one: the daemon's own lock leaves one alive, and all twenty find it.
 */

import { closeSync, lstatSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { connect as netConnect } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Workbench } from '../core/api.ts';
import { distDirectory } from '../core/dist.ts';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { HomePaths } from '../core/paths.ts';
import type { DaemonInfo } from '../core/status.ts';
import { absolutePlaces, currentHome } from './home.ts';
import { socketWorkbench } from './socket-workbench.ts';

/** So long may a daemon take to adopt what runs and to listen, in ms. */
const START_TIMEOUT_MS = 20_000;

export interface ConnectOptions {
  /** Start a daemon when none answers; else the answer is null. */
  readonly autostart: boolean;
}

/** Errors: DAEMON_START_FAILED, STATE_UNWRITABLE. A daemon of another build is replaced; the new one adopts what runs. */
export async function connectWorkbench(options: { readonly autostart: true }): Promise<Workbench>;
export async function connectWorkbench(options: ConnectOptions): Promise<Workbench | null>;
export async function connectWorkbench(options: ConnectOptions): Promise<Workbench | null> {
  const home = currentHome();
  const usual = await askUsual(home);
  if (usual !== null) return usual;
  let socket = await findSocket(home);
  if (socket === null && !options.autostart) return null;
  socket ??= await startDaemon(home);
  const workbench = socketWorkbench(socket, home.daemonLog);
  if (!options.autostart) return workbench;
  return (await replaceOther(workbench, home)) ?? workbench;
}

/** The daemon of our own build at the usual socket: nearly every time it is there, and one question tells. Null: anything else. */
async function askUsual(home: HomePaths): Promise<Workbench | null> {
  if (!isOurs(home.runtime) || !isOurs(home.socket)) return null;
  const workbench = socketWorkbench(home.socket, home.daemonLog);
  const info = await workbench.info().catch(ignoreUnreachable);
  return info?.build === __LOOPYARD_BUILD__ ? withAnswer(workbench, info) : null;
}

/** What was asked for a moment ago is not asked for again: a round trip less for commands that begin by it. */
function withAnswer(workbench: Workbench, answer: DaemonInfo): Workbench {
  let known: DaemonInfo | null = answer;
  const info = (): Promise<DaemonInfo> => {
    const fresh = known === null ? workbench.info() : Promise.resolve(known);
    known = null;
    return fresh;
  };
  return { ...workbench, info };
}

/** Ends a daemon of another build, with services living on, and starts ours. */
async function replaceOther(workbench: Workbench, home: HomePaths): Promise<Workbench | null> {
  const info = await workbench.info().catch((error: unknown) => {
    // It may be ending at this moment, replaced by another command: then there is nothing to compare.
    if (error instanceof LoopyardError && error.code === 'DAEMON_UNREACHABLE') return null;
    throw error;
  });
  if (info !== null && info.build === __LOOPYARD_BUILD__) return null;
  if (info !== null) await workbench.shutdown({ all: false }).catch(ignoreUnreachable);
  await ended(workbench, home, info?.pid ?? null);
  return socketWorkbench(await startDaemon(home), home.daemonLog);
}

/**
 * Resolves once the daemon of `pid` (null: the one that is ending) takes no more requests: nobody answers, or its successor does. While
 * it ends it still takes connections and breaks them, so an open socket alone says nothing.
 */
async function ended(workbench: Workbench, home: HomePaths, pid: number | null): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (let pause = 2; await answers(home.socket); pause = Math.min(50, pause * 1.5)) {
    const now = await workbench.info().catch(ignoreUnreachable);
    if (now !== null && now.pid !== pid) return;
    if (Date.now() > deadline)
      throw startFailed(home, `the daemon of another version, pid ${pid}, does not end`);
    await delay(pause);
  }
}

function ignoreUnreachable(error: unknown): null {
  if (error instanceof LoopyardError && error.code === 'DAEMON_UNREACHABLE') return null;
  throw error;
}

/** The path of its socket. */
async function startDaemon(home: HomePaths): Promise<string> {
  // Seldom needed, and 4 ms of each command's start.
  const { spawn } = await import('node:child_process');
  makePrivate(home.home);
  makePrivate(home.runtime);
  const deadline = Date.now() + START_TIMEOUT_MS;
  let failure = launch(home, spawn);
  for (let pause = 5; ; pause = Math.min(100, pause * 1.5)) {
    const socket = await findSocket(home);
    if (socket !== null) return socket;
    const ended = failure.ended();
    if (ended !== null && ended !== 0) throw startFailed(home, `it ended with code ${ended}`);
    // Code 0: another daemon holds the lock; it is about to listen, or about to end: then one more try is ours.
    if (ended === 0 && pause >= 100) failure = launch(home, spawn);
    if (Date.now() > deadline) throw startFailed(home, `no answer within ${START_TIMEOUT_MS / 1000} s`);
    // The socket's appearance has no event that a stranger could wait for: look, with growing pauses.
    await delay(pause);
  }
}

type Spawn = typeof import('node:child_process').spawn;

function launch(home: HomePaths, spawn: Spawn): { ended(): number | null } {
  let code: number | null = null;
  const entry = `${distDirectory(import.meta.url, process.env.LOOPYARD_DIST)}/daemon.js`;
  const log = openLog(home);
  const child = spawn(process.execPath, [entry], {
    detached: true,
    cwd: '/',
    env: { ...scrubbed(process.env), ...absolutePlaces(process.env) },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.on('exit', (status, signal) => {
    code = signal === null ? (status ?? 1) : 1;
  });
  child.on('error', () => {
    code = 127;
  });
  child.unref();
  return { ended: () => code };
}

/** What a person says to the daemon itself, and not a mark of a run. */
const KEPT = [
  'LOOPYARD_CARRIERS',
  'LOOPYARD_HOME',
  'LOOPYARD_DIST',
  'LOOPYARD_DEBUG',
  'LOOPYARD_GATEWAY',
  'LOOPYARD_HTTP_PORT',
  'LOOPYARD_HTTPS_PORT',
];

/** A daemon started from inside a service must not carry that service's marks: the sweep of the run would end it. */
function scrubbed(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = new Set(KEPT);
  const own = Object.entries(variables).filter(([name]) => !name.startsWith('LOOPYARD_') || kept.has(name));
  const { NODE_OPTIONS: _, ...rest } = Object.fromEntries(own);
  return rest;
}

function openLog(home: HomePaths): number {
  try {
    return openSync(home.daemonLog, 'a', 0o600);
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory: home.home, reason: reasonOf(error) }, [], error);
  }
}

function makePrivate(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory, reason: reasonOf(error) }, [], error);
  }
}

function startFailed(home: HomePaths, reason: string): LoopyardError {
  return new LoopyardError('DAEMON_START_FAILED', { reason, log: home.daemonLog }, lastLines(home.daemonLog));
}

function lastLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-5);
  } catch {
    // The log is a help only; without it the reason stands alone.
    return [];
  }
}

/** Where a daemon answers: at the socket that this caller would serve, else where the daemon says that it does. */
async function findSocket(home: HomePaths): Promise<string | null> {
  if (await answers(home.socket)) return home.socket;
  const noted = readNote(home.socketNote);
  return noted !== null && noted !== home.socket && (await answers(noted)) ? noted : null;
}

function readNote(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    // No daemon of this home has served yet.
    return null;
  }
}

function answers(socketPath: string): Promise<boolean> {
  if (!isOurs(dirname(socketPath)) || !isOurs(socketPath)) return Promise.resolve(false);
  return new Promise((resolve) => {
    const socket = netConnect(socketPath);
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

/** False when nothing is there. Requests carry the caller's environment: nobody else's socket may hear them. Errors: STATE_UNWRITABLE. */
function isOurs(path: string): boolean {
  const owner = ownerOf(path);
  if (owner === undefined) return false;
  if (owner === process.getuid?.()) return true;
  throw new LoopyardError('STATE_UNWRITABLE', { directory: path, reason: 'it belongs to another user' });
}

function ownerOf(path: string): number | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.uid;
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory: path, reason: reasonOf(error) }, [], error);
  }
}
