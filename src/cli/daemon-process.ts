/** The daemon in the foreground, as a child of this command, so that a crash of it is seen. It must not know requests. */

import { spawn } from 'node:child_process';
import { distDirectory } from '../core/dist.ts';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { Context } from './command.ts';

/** Ends with the daemon. Signals reach it; its own end is clean, with services left running. */
export async function runDaemonHere(context: Context): Promise<number> {
  const running = await context.connectIfRunning();
  if (running !== null) {
    const { pid } = await running.info();
    throw new LoopyardError('USAGE', {
      reason: `a daemon runs already, pid ${pid}`,
      fix: 'see it with `lo daemon status`, or end it with `lo daemon stop`',
    });
  }
  const entry = `${distDirectory(import.meta.url, context.variables.LOOPYARD_DIST)}/daemon.js`;
  const child = spawn(process.execPath, [entry], { stdio: 'inherit', env: context.variables });
  // Ctrl-C reaches the daemon by itself, the others only through us.
  using _ = context.interrupts.handle((signal) => {
    if (signal !== 'SIGINT') child.kill(signal);
  });
  context.printer.note('The daemon runs here. Ctrl-C ends it and leaves services running.');
  return await new Promise((resolve, reject) => {
    child.on('exit', (code, signal) => resolve(signal === null ? (code ?? 0) : 1));
    child.on('error', (error) => {
      const reason = reasonOf(error);
      reject(new LoopyardError('DAEMON_START_FAILED', { reason, log: entry }, [], error));
    });
  });
}
