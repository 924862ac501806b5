/** Waiting in this process with real sockets on loopback, for tests of `lo wait`. */

import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { createServer, type Server } from 'node:net';
import type { TestContext } from 'node:test';
import type { WaitReport } from '../../src/core/inspection.ts';
import { parseWaitTarget } from '../../src/inspector/wait/target.ts';
import { type WaitTools, waitFor } from '../../src/inspector/wait/wait.ts';
import { currentPlatform } from '../../src/platform/current.ts';
import { dial, get } from '../../src/platform/dial.ts';

/** Nothing here takes so long; a test that would wait for it fails. */
const LONG_MS = 60_000;

export function tools(change: Partial<WaitTools> = {}): WaitTools {
  return {
    platform: currentPlatform(),
    holdings: () => [],
    now: Date.now,
    homeDirectory: '/nowhere',
    dial,
    get,
    ...change,
  };
}

export async function listen(
  t: TestContext,
  host: string,
  port: number,
  handler?: RequestListener,
): Promise<Server> {
  const server =
    handler === undefined ? createServer((socket) => socket.destroy()) : createHttpServer(handler);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, ipv6Only: true }, resolve);
  });
  t.after(() => server.close());
  return server;
}

export function portOf(server: Server): number {
  return (server.address() as { port: number }).port;
}

/** A loopback address that no other test uses at the same time, so that a port that was free stays free. */
export const OWN = `127.77.${(process.pid >> 8) & 255}.${process.pid & 255}`;

export async function freePort(t: TestContext): Promise<number> {
  const server = await listen(t, OWN, 0);
  const port = portOf(server);
  await close(server);
  return port;
}

export async function close(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve));
}

/** `then` happens after the first look that was in vain. */
export async function waited(
  target: string,
  wanted: WaitReport['wanted'],
  then: (why: string) => unknown,
  how: { readonly timeoutMs?: number; readonly tools?: Partial<WaitTools> } = {},
): Promise<WaitReport> {
  let looks = 0;
  const happened: unknown[] = [];
  const report = await waitFor(tools(how.tools), {
    target: parseWaitTarget(target),
    wanted,
    timeoutMs: how.timeoutMs ?? LONG_MS,
    onAttempt: (why) => {
      if (looks === 0) happened.push(then(why));
      looks += 1;
    },
  });
  await Promise.all(happened);
  return report;
}
