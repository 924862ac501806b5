/** Ready when a command exits with 0. It gets the service's own environment and directory. */

import { spawn } from 'node:child_process';
import type { Attempt } from './probe.ts';

/** A command may be slower than a connection: pg_isready on a loaded machine, a client in a slow language. */
const COMMAND_TIMEOUT_MS = 10_000;

export function execAttempt(command: string, env: Readonly<Record<string, string>>, cwd: string): Attempt {
  return (signal) =>
    new Promise((resolve) => {
      const child = spawn('/bin/sh', ['-c', command], {
        env: { ...env },
        cwd,
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      const kill = (): void => killGroup(child.pid);
      const timer = setTimeout(kill, COMMAND_TIMEOUT_MS);
      let said = '';
      const hear = (text: Buffer): void => {
        said = `${said}${text.toString('utf8')}`.slice(-500);
      };
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      signal.addEventListener('abort', kill, { once: true });
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, by) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', kill);
        kill();
        const last = said.trim().split('\n').at(-1);
        const how = by === null ? `exited with ${code}` : `was ended by ${by}`;
        resolve(
          code === 0 ? null : `\`${command}\` ${how}${last === undefined || last === '' ? '' : `: ${last}`}`,
        );
      });
    });
}

/** The command runs in a group of its own, so that what it started goes with it. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
