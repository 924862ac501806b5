/**
 * Real programs for tests: found on this machine, or installed where Debian packages can be. What cannot be had is skipped by name,
 * never quietly. It must not know what a test does with a program.
 */

import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import type { TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** Somebody else on this machine may be installing something at the same time. */
const LOCK_SECONDS = 150;
/** Held by the test process that installs; the note inside names it. */
const LOCK = '/tmp/loopyard-test-apt.lock';

export interface WantedProgram {
  /** `redis-server`, `postgres`. */
  readonly program: string;
  /** The Debian package that has it. */
  readonly package: string;
}

/**
 * The program's absolute path; also looks where Debian keeps servers and PostgreSQL's programs. Null when it cannot be had: then the
 * test is marked as skipped, with the reason, and has to return.
 */
export async function ensureProgram(t: TestContext, wanted: WantedProgram): Promise<string | null> {
  const there = await needsProgram(t, () => programPath(wanted.program), wanted.package);
  return there ? programPath(wanted.program) : null;
}

/** Whether the program can be used now; else the test is marked as skipped, with the reason. */
export async function needsProgram(
  t: TestContext,
  find: () => string | null,
  debianPackage: string,
): Promise<boolean> {
  if (find() !== null) return true;
  const reason = await oneAtATime(async () => (find() === null ? await install(debianPackage) : null));
  if (find() !== null) return true;
  t.skip(
    `${debianPackage} is not installed and cannot be: ${reason ?? 'its program was not found afterwards'}`,
  );
  return false;
}

function programPath(program: string): string | null {
  const directories = [
    ...(process.env.PATH ?? '').split(delimiter),
    '/usr/sbin',
    '/sbin',
    ...postgresDirectories(),
  ];
  for (const directory of directories) {
    const path = join(directory, program);
    if (directory !== '' && isExecutable(path)) return path;
  }
  return null;
}

/** The newest version first. */
function postgresDirectories(): readonly string[] {
  const base = '/usr/lib/postgresql';
  if (!existsSync(base)) return [];
  return readdirSync(base)
    .sort((one, other) => Number(other) - Number(one))
    .map((version) => join(base, version, 'bin'));
}

async function install(debianPackage: string): Promise<string | null> {
  if (!canInstall()) return 'Debian packages cannot be installed here';
  const first = await aptGet(['install', '-y', '--no-install-recommends', debianPackage]);
  if (first === null) return null;
  // The lists of a fresh image are empty, those of an old one name versions that are gone.
  await aptGet(['update']);
  return await aptGet(['install', '-y', '--no-install-recommends', debianPackage]);
}

/** Null, or why not. */
async function aptGet(args: readonly string[]): Promise<string | null> {
  try {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    await run('apt-get', [`-oDPkg::Lock::Timeout=${LOCK_SECONDS}`, ...args], { env });
    return null;
  } catch (error) {
    return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
  }
}

/** Test files run in processes of their own; making a directory is what only one of them can do. */
async function oneAtATime<T>(work: () => Promise<T>): Promise<T> {
  for (let pause = 20; !takeLock(); pause = Math.min(500, pause * 2)) await delay(pause);
  try {
    return await work();
  } finally {
    rmSync(LOCK, { recursive: true, force: true });
  }
}

function takeLock(): boolean {
  try {
    mkdirSync(LOCK);
    writeFileSync(join(LOCK, 'pid'), String(process.pid));
    return true;
  } catch {
    // Somebody has it. One that was killed meanwhile does not come back for it.
    if (!isHeld()) rmSync(LOCK, { recursive: true, force: true });
    return false;
  }
}

function isHeld(): boolean {
  try {
    const pid = Number(readFileSync(join(LOCK, 'pid'), 'utf8'));
    return pid === 0 || existsSync(`/proc/${pid}`);
  } catch {
    // Between the directory and the note inside.
    return true;
  }
}

function canInstall(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && isExecutable('/usr/bin/apt-get');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there, or not for us.
    return false;
  }
}
