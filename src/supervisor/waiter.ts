/**
 * The waiter: a tiny POSIX `sh` that is the parent of each run's program and records, as names of empty files, who it is and how it
 * ended. Names rather than contents, because creating an empty file is a builtin, is atomic, and works on a full disk.
 * It must not know what the program is.
 */

import { spawn } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import { serviceOfRun } from '../core/run-record.ts';
import type { RunSpec } from './supervisor.ts';

/** `argv[0]` of every waiter, so that it can be told from the program that it waits for. */
export const WAITER_NAME = 'loopyard-waiter';

/**
 * Arguments: directory, id, the path of setsid(1), the program.
 * - `claim` is created exclusively (`set -C` is O_EXCL): a new daemon that found none has created it, and this start must not
 *   happen any more.
 * - The traps keep the waiter alive when its session is signalled; the program starts with the default actions again.
 * - `setsid` gives the program a session of its own: without it a signal to the group would lose the code. It does not fork, as
 *   the inner `sh` is no group leader, so the pid that is recorded is the program's after `exec`.
 * - The start time (field 22 of proc_pid_stat(5); the command in field 2 is `sh` then, without spaces) makes the pid a name for
 *   good. Reading it is a builtin; where there is no /proc the name ends with the pid.
 * - No variable is set before the program runs but `_`: one that the environment happens to hold would reach it changed.
 * - The waiter's own words ("Terminated") go nowhere: the log belongs to the program, which gets it back from descriptor 3. That is
 *   done inside, since dash would take a redirection of the whole command for itself as well while it waits.
 */
const SCRIPT = `exec 3>&2 2>/dev/null
set -C; : >"$1/$2.claim" || exit 125; set +C
: >"$1/$2.waiter.$$"
trap : TERM INT HUP QUIT USR1 USR2
"$3" /bin/sh -c 'exec 2>&3 3>&-
{ read -r ${'_ '.repeat(21)}loopyard_started _ </proc/$$/stat; } 2>/dev/null
: >"$1/$2.pid.$$\${loopyard_started:+.$loopyard_started}"
shift 3; exec "$@"' sh "$@"
c=$?
: >"$1/$2.exit.$c"`;

export interface Waiter {
  readonly pid: number;
  /** Resolves when the waiter's own process ended; the record of the program's end is there by then, if there will be one. */
  readonly ended: Promise<void>;
}

/** Errors: SPAWN_FAILED, STATE_UNWRITABLE (the log). */
export function startWaiter(spec: RunSpec): Promise<Waiter> {
  const log = openLog(spec.log);
  const env = { ...withoutOwn(spec.env), LOOPYARD_RUN: spec.mark };
  const args = [spec.directory, spec.id, setsidPath(), ...spec.argv];
  const child = spawn('/bin/sh', ['-c', SCRIPT, WAITER_NAME, ...args], {
    cwd: spec.cwd,
    env,
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return new Promise((resolve, reject) => {
    child.once('error', (error) => {
      reject(
        new LoopyardError(
          'SPAWN_FAILED',
          { service: serviceOfRun(spec.id), reason: reasonOf(error) },
          [],
          error,
        ),
      );
    });
    child.once('spawn', () => resolve({ pid: child.pid ?? 0, ended }));
  });
}

let setsid: string | undefined;

/** From our own PATH: the program's may be anything. */
function setsidPath(): string {
  const directories = [...(process.env.PATH ?? '').split(':'), '/usr/bin', '/bin'];
  setsid ??= directories
    .filter((directory) => directory.startsWith('/'))
    .map((directory) => `${directory}/setsid`)
    .find((path) => existsSync(path));
  return setsid ?? 'setsid';
}

/** A daemon that was started from inside a service must not hand that service's marks on. */
function withoutOwn(env: Readonly<Record<string, string>>): Record<string, string> {
  const { LOOPYARD_RUN: _, ...rest } = env;
  return rest;
}

function openLog(path: string): number {
  try {
    return openSync(path, 'a', 0o600);
  } catch (error) {
    throw new LoopyardError('STATE_UNWRITABLE', { directory: path, reason: reasonOf(error) }, [], error);
  }
}
