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
 * Looks until a whole look finds nobody: what forks while it is being ended is met by the next look. `grep -z` reads variables
 * parted by NUL; /proc files of other users are passed over.
 */
const SCRIPT = `trap '' TERM INT HUP QUIT
read -r word
[ "$word" = dismissed ] && exit 0
looks=0
while [ $looks -lt 100 ]; do
  looks=$((looks + 1)); found=
  for f in $(grep -lzxF -e "LOOPYARD_ENVIRONMENT=$1" /proc/[0-9]*/environ 2>/dev/null); do
    p=\${f#/proc/}; p=\${p%/environ}
    [ "$p" = $$ ] && continue
    kill -s KILL "$p" 2>/dev/null && found=1
  done
  sessions=
  for f in "$2"/*.pid.*; do sessions="$sessions \${f##*.} "; done
  for f in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$f" || continue
    set -- "$1" "$2" \${line##*) }
    case "$3" in Z|X) continue ;; esac
    case "$sessions" in *" $6 "*) p=\${f#/proc/}; kill -s KILL "\${p%/stat}" 2>/dev/null && found=1 ;; esac
  done
  [ -z "$found" ] && exit 0
done`;

/** The guardian lives in a session of its own, so that no signal to the owner's group or terminal reaches it. */
export function startGuardian(environment: GuardedEnvironment): Guardian {
  const child = spawn('/bin/sh', ['-c', SCRIPT, 'loopyard-guardian', environment.id, environment.runs], {
    cwd: '/',
    env: { PATH: process.env.PATH ?? '/usr/bin:/bin' },
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  // The owner must be able to end although this pipe is open, and a guardian that was killed is no reason to fail.
  const { stdin } = child;
  stdin.on('error', () => undefined);
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return { pid: child.pid ?? 0, dismiss: () => stdin.end('dismissed\n') };
}
