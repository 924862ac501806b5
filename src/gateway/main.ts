/**
 * The gateway's process: one for each home. Reads the last snapshot, opens its doors and its socket, serves until it is told to end;
 * whoever started it may be gone by then. One of the places that may end a process. It must not decide what is routed where.
 */

import { readFileSync, rmSync, writeSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { distDirectory } from '../core/dist.ts';
import type { GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';
import { prometheusText } from '../core/prometheus.ts';
import { SCHEMA_VERSION } from '../core/status.ts';
import { currentPlatform } from '../platform/current.ts';
import { writeAtomic } from '../platform/files.ts';
import type { SpreadOptions } from './carrier/spread.ts';
import { serveControl } from './control.ts';
import { Gateway, type GatewayPorts, type Ports } from './gateway.ts';
import { ThreadLookout } from './guard/lookout.ts';

/** Ends with code 0 when another gateway of this home lives. */
async function main(): Promise<void> {
  const [socket, snapshotFile, lock] = process.argv.slice(2);
  if (socket === undefined || snapshotFile === undefined || lock === undefined)
    throw new Error('usage: gateway.js SOCKET SNAPSHOT LOCK');
  const claim = await currentPlatform().claim(lock);
  if (claim === null) return;
  const gateway = new Gateway(report, {
    spread: spreadFrom(process.env),
    lookout: new ThreadLookout(lookoutProgram()),
  });
  const end = (): void => {
    void gateway.letGo().finally(() => process.exit(0));
  };
  const started = new Date().toISOString();
  const last = readJson<GatewaySnapshot>(snapshotFile);
  if (last !== null) gateway.apply(last);
  const doorsFile = `${dirname(snapshotFile)}/doors.json`;
  await gateway.open(portsFrom(process.env, readJson<Ports>(doorsFile)));
  writeAtomic(doorsFile, JSON.stringify(gateway.ports));
  const status = (): GatewayStatus => ({
    schema: SCHEMA_VERSION,
    version: __LOOPYARD_VERSION__,
    build: __LOOPYARD_BUILD__,
    pid: process.pid,
    started,
    ...gateway.status(),
  });
  await serveControl(socket, {
    apply: async (snapshot) => {
      gateway.apply(snapshot);
      await gateway.settled();
    },
    change: (change) => gateway.change(change),
    status,
    metrics: () => prometheusText(gateway.status()),
    stop: () => gateway.close(),
    end: () => {
      // Else it would seem to have died.
      rmSync(socket, { force: true });
      end();
    },
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  // A terminal that closes is not the end of what was started from it.
  process.on('SIGHUP', () => undefined);
}

/** Beside the gateway's own file. */
function lookoutProgram(): string {
  return `${distDirectory(import.meta.url, process.env.LOOPYARD_DIST)}/lookout.js`;
}

/** Null: none was written yet, or it is torn; what it would say can be had again. */
function readJson<T>(file: string): T | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T;
  } catch {
    return null;
  }
}

/**
 * The usual ports where they can be had, else those of last time, else the usual ones of development, else any: a second home has a
 * gateway too, and pages that are open must find it again.
 */
function portsFrom(variables: NodeJS.ProcessEnv, last: Ports | null): GatewayPorts {
  return {
    https: portsOf(variables.LOOPYARD_HTTPS_PORT, 443, 8443, last?.https ?? null),
    http: portsOf(variables.LOOPYARD_HTTP_PORT, 80, 8080, last?.http ?? null),
  };
}

function portsOf(
  given: string | undefined,
  best: number,
  good: number,
  last: number | null,
): readonly number[] {
  const before = last === null ? [] : [last];
  if (given === undefined || !/^\d{1,5}$/.test(given) || Number(given) > 65_535)
    return [best, ...before, good, 0];
  return given === '0' ? [...before, 0] : [Number(given)];
}

/** Null: `LOOPYARD_CARRIERS=off`, for whoever wants one process. One core is left for those who talk over the links. */
function spreadFrom({ LOOPYARD_CARRIERS: words }: NodeJS.ProcessEnv): SpreadOptions | null {
  if (words === 'off') return null;
  const most = Math.max(1, availableParallelism() - 1);
  const when = words === 'always' ? 'always' : 'busy';
  return { program: `${import.meta.dirname}/carrier.js`, most, when, report };
}

function report(error: unknown): void {
  const words = error instanceof Error ? (error.stack ?? error.message) : String(error);
  try {
    writeSync(process.stderr.fd, `${new Date().toISOString()} ${words}\n`);
  } catch {
    // Its log is full or gone: nowhere else to say it.
  }
}

process.on('uncaughtException', (error) => {
  // One broken connection must not take the others down; what is thrown outside of any is a bug, and is written down.
  report(error);
});

main().catch((error: unknown) => {
  report(error);
  process.exit(1);
});
