/** Runs a small program to its end within a bounded time. It must not know why. */

import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after } from './patience.ts';

export interface Ended {
  /** Null: it was ended by a signal, or could not be started. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** `ENOENT` when there is no such program, `ETIMEDOUT` when it took too long; null otherwise. */
  readonly failure: string | null;
}

export interface RunOptions {
  readonly withinMs: number;
  readonly env?: NodeJS.ProcessEnv;
}

const MOST_OUTPUT = 16 * 1024 * 1024;

/** Never rejects. Its input is closed. After the time it is killed, and its children that hold the output are not waited for. */
export function runProgram(program: string, args: readonly string[], options: RunOptions): Promise<Ended> {
  const { withinMs, env } = options;
  return new Promise((resolve) => {
    const settle = (ended: Ended): void => {
      giveUp();
      resolve(ended);
    };
    const child = execFile(
      program,
      [...args],
      { maxBuffer: MOST_OUTPUT, ...(env === undefined ? {} : { env }) },
      (error, stdout, stderr) => {
        const failure = error === null || typeof error.code !== 'string' ? null : error.code;
        const isMissing = failure === 'EACCES' && !isOnPath(program, env ?? process.env);
        settle({ code: child.exitCode, stdout, stderr, failure: isMissing ? 'ENOENT' : failure });
      },
    );
    child.stdin?.on('error', () => undefined).end();
    const giveUp = after(withinMs, () => {
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle({ code: null, stdout: '', stderr: '', failure: 'ETIMEDOUT' });
    });
  });
}

/** A directory on PATH that may not be searched makes execvp(3) say EACCES of a program that is nowhere. */
function isOnPath(program: string, { PATH = '' }: NodeJS.ProcessEnv): boolean {
  return PATH.split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      // Not there, or not for us.
      return false;
    }
  });
}
