/**
 * The guardian of `lo test` and `lo run`: one small `sh` that reads a pipe held by the owner. When the pipe ends without a word, the
 * owner was killed, and every process of its environment is ended at once, whether a daemon lives or not. It must not know why.
 */

import { spawn } from 'node:child_process';

export interface GuardedEnvironment {
  readonly id: string;
  /** Its directory of run records: the sessions of those pids are ended too, since some programs overwrite their environment. */
  readonly runs: string;
}

export interface Guardian {
  readonly pid: number;
  /** The owner ends in order: the guardian goes without touching anything. */
  dismiss(): void;
}

/**
 * Looks until a whole look finds nobody: what forks while it is being ended is met by the next look.
 * - `grep -z` reads variables parted by NUL; /proc files of other users are passed over.
 * - A record names its program `PID.STARTED`. When another process has that pid by now (its start time, field 22 of
 *   proc_pid_stat(5), is the 20th after the command), the session is not ours. A session whose leader is dead keeps its number.
 */
const SCRIPT = `trap '' TERM INT HUP QUIT USR1 USR2
read -r word
[ "$word" = dismissed ] && exit 0
environment=$1 runs=$2 looks=0
stat() {
  read -r line 2>/dev/null <"/proc/$1/stat" || return 1
  set -- \${line##*) }
  state=$1 session=$4 started=\${20}
}
while [ $looks -lt 100 ]; do
  looks=$((looks + 1)) found= sessions=
  for file in $(grep -lzxF -e "LOOPYARD_ENVIRONMENT=$environment" /proc/[0-9]*/environ 2>/dev/null); do
    pid=\${file#/proc/} pid=\${pid%/environ}
    [ "$pid" = $$ ] && continue
    kill -s KILL "$pid" 2>/dev/null && found=1
  done
  for file in "$runs"/*.pid.* "$runs"/*.background.*; do
    [ -e "$file" ] || continue
    name=\${file##*/} name=\${name#*.*.} pid=\${name%%.*}
    stat "$pid" && [ "$name" != "$pid" ] && [ "$name" != "$pid.$started" ] && continue
    sessions="$sessions $pid "
  done
  for file in /proc/[0-9]*/stat; do
    pid=\${file#/proc/} pid=\${pid%/stat}
    stat "$pid" || continue
    case $state in Z|X) continue ;; esac
    case "$sessions" in *" $session "*) kill -s KILL "$pid" 2>/dev/null && found=1 ;; esac
  done
  [ -z "$found" ] && exit 0
done`;

/** The guardian lives in a session of its own, so that no signal to the owner's group or terminal reaches it. */
export function startGuardian(environment: GuardedEnvironment): Guardian {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'loopyard-guardian', environment.id, environment.runs], {
    cwd: '/',
    // Not the owner's variables: the guardian must carry no mark, and what it calls is the system's own.
    env: { PATH: '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // No process could be made: the daemon still sees the owner's connection end.
  child.on('error', () => undefined);
  // The owner must be able to end although this pipe is open, and a guardian that was killed is no reason to fail.
  const { stdin } = child;
  stdin.on('error', () => undefined);
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return { pid: child.pid ?? 0, dismiss: () => stdin.end('dismissed\n') };
}
