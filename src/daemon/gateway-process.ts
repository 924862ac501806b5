/** Starts the gateway's process, detached and free of marks. It must not know what the gateway serves. */

import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { GatewayPaths } from '../core/paths.ts';
import { capOwnLog } from './own-log.ts';

/** The pid of what was started; undefined: nothing was. */
export function spawnGateway(
  paths: GatewayPaths,
  program: string,
  report: (error: unknown) => void,
): number | undefined {
  capOwnLog(paths.log, report);
  const log = openSync(paths.log, 'a', 0o600);
  const child = spawn(process.execPath, [program, paths.socket, paths.snapshot, lockName(paths)], {
    detached: true,
    cwd: '/',
    env: scrubbed(process.env),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  child.on('error', report);
  return child.pid;
}

/** Beside the daemon's own, and as secret: nobody else can take it first. */
function lockName(paths: GatewayPaths): string {
  return `gateway-${readFileSync(paths.secret, 'latin1')}`;
}

/** As for a daemon that is started from inside a service: its marks must not be carried. */
function scrubbed(variables: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const kept = new Set(['LOOPYARD_CARRIERS', 'LOOPYARD_HTTPS_PORT', 'LOOPYARD_HTTP_PORT']);
  const { NODE_OPTIONS: _, ...rest } = Object.fromEntries(
    Object.entries(variables).filter(([name]) => !name.startsWith('LOOPYARD_') || kept.has(name)),
  );
  return rest;
}
