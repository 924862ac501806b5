/** Ready when a command exits with 0. It gets the service's own environment and directory. */

import { spawn } from 'node:child_process';
import type { Attempt } from './probe.ts';

/** A command may be slower than a connection: pg_isready on a loaded machine, a client in a slow language. */
const COMMAND_TIMEOUT_MS = 10_000;
/** Its last words may still be on their way when it has ended; who else holds the pipe is not waited for. */
const LAST_WORDS_MS = 50;
const KEPT_CHARACTERS = 500;

export interface ProbeCommand {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

export function execAttempt({ command, env, cwd }: ProbeCommand): Attempt {
  return (signal) =>
    new Promise((resolve) => {
      // A group of its own, so that what it started goes with it.
      const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
      const child = spawn('/bin/sh', ['-c', command], { env: { ...env }, cwd, stdio, detached: true });
      let said = '';
      let late = '';
      const hear = (text: Buffer): void => {
        said = `${said}${text.toString('utf8')}`.slice(-KEPT_CHARACTERS);
      };
      const cut = (reason: string): void => {
        late = reason;
        killGroup(child.pid);
      };
      const abort = (): void => cut('was still running');
      const timer = setTimeout(
        () => cut(`did not end within ${COMMAND_TIMEOUT_MS / 1000}s`),
        COMMAND_TIMEOUT_MS,
      );
      const end = (reason: string | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        child.stdout.destroy();
        child.stderr.destroy();
        resolve(reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      child.stdout.on('data', hear);
      child.stderr.on('data', hear);
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, by) => {
        killGroup(child.pid);
        const how = late === '' ? (by === null ? `exited with ${code}` : `was ended by ${by}`) : late;
        const tell = (): void => end(code === 0 ? null : failure(command, how, said));
        const waiting = setTimeout(tell, code === 0 ? 0 : LAST_WORDS_MS);
        child.once('close', () => {
          clearTimeout(waiting);
          tell();
        });
      });
    });
}

function failure(command: string, how: string, said: string): string {
  const last = said.trim().split('\n').at(-1) ?? '';
  return `\`${command}\` ${how}${last === '' ? '' : `: ${last}`}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nothing of it is left.
  }
}
