/**
 * Runs a tool of the operating system for its output, on systems whose kernel cannot be read otherwise. At once and in step, as the
 * verbs that it answers are. It must not know what is printed.
 */

import { spawnSync } from 'node:child_process';

export interface ToolAnswer {
  readonly stdout: string;
  /** Why there is nothing, or not all of it; null otherwise. */
  readonly failure: string | null;
}

export type Tool = (program: string, args: readonly string[]) => ToolAnswer;

const WITHIN_MS = 10_000;
/** Fifty thousand sockets print about 10 MB. */
const MOST_OUTPUT = 64 * 1024 * 1024;

/** Words and times come as in the C locale, times in UTC. Never throws. */
export function runTool(program: string, args: readonly string[]): ToolAnswer {
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    encoding: 'utf8',
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    killSignal: 'SIGKILL',
    maxBuffer: MOST_OUTPUT,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: WITHIN_MS,
    windowsHide: true,
  });
  const output = stdout ?? '';
  if (error !== undefined) return { stdout: output, failure: `${program}: ${codeOf(error)}` };
  // lsof ends with 1 also when it found nothing, or could not look into everything.
  if (status === 0 || output !== '' || stderr.trim() === '') return { stdout: output, failure: null };
  return { stdout: '', failure: `${program}: ${stderr.trim().split('\n')[0]}` };
}

function codeOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ETIMEDOUT') return `no answer within ${WITHIN_MS / 1000} s`;
  return error.code === 'ENOENT' ? 'it is not there' : (error.code ?? error.message);
}
