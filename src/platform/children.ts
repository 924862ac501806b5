/** Runs a small program to its end within a bounded time. It must not know why. */

import { execFile } from 'node:child_process';

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
    let late: NodeJS.Timeout | undefined;
    const settle = (ended: Ended): void => {
      clearTimeout(late);
      resolve(ended);
    };
    const child = execFile(
      program,
      [...args],
      { maxBuffer: MOST_OUTPUT, ...(env === undefined ? {} : { env }) },
      (error, stdout, stderr) => {
        const spawned = error === null || typeof error.code !== 'string';
        settle({ code: child.exitCode, stdout, stderr, failure: spawned ? null : String(error.code) });
      },
    );
    child.stdin?.on('error', () => undefined).end();
    late = setTimeout(() => {
      child.kill('SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
      settle({ code: null, stdout: '', stderr: '', failure: 'ETIMEDOUT' });
    }, withinMs);
  });
}
