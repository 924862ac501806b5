/**
 * Has programs of this machine look a name up, by starting them: the C library's own, curl, and Chromium where that is wished. A
 * program that goes by HTTP has shown the way when its connection arrives here. It must not know which answer is good.
 */

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../children.ts';
import type { LookupAnswer, NameWay, NameWish } from '../health.ts';

const CHROMIUMS = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];
/** Of getent(1) and curl(1). */
const NOT_FOUND = 2;
const COULD_NOT_RESOLVE = 6;

/** Programs that are not here are left out. */
export async function tryNames({ name, browser, withinMs }: NameWish): Promise<readonly NameWay[]> {
  const ways = await Promise.all([
    byLibrary(name, withinMs),
    byCurl(name, withinMs),
    browser ? byChromium(name, withinMs) : null,
  ]);
  return ways.filter((way) => way !== null);
}

async function byLibrary(name: string, withinMs: number): Promise<NameWay | null> {
  const { code, stdout, failure } = await runProgram('getent', ['ahosts', name], { withinMs });
  if (failure === 'ENOENT') return null;
  const addresses = new Set(stdout.split('\n').flatMap((line) => line.split(/\s+/)[0] || []));
  const answer =
    failure === 'ETIMEDOUT'
      ? { silentMs: withinMs }
      : addresses.size > 0
        ? { addresses: [...addresses] }
        : { code: code === NOT_FOUND ? 'ENOTFOUND' : (failure ?? `getent ended with ${code}`) };
  return { way: 'library', answer };
}

async function byCurl(name: string, withinMs: number): Promise<NameWay | null> {
  return await visited('curl', async (port) => {
    // `-q`: no settings of the person's, which may name a proxy.
    const args = ['-q', '-sS', '--noproxy', '*', '-o', '/dev/null', `http://${name}:${port}/`];
    const { code, stderr, failure } = await runProgram('curl', args, { withinMs });
    if (failure === 'ENOENT') return null;
    if (failure === 'ETIMEDOUT') return { silentMs: withinMs };
    return { code: code === COULD_NOT_RESOLVE ? 'ENOTFOUND' : stderr.trim().split('\n').at(-1) || `${code}` };
  });
}

async function byChromium(name: string, withinMs: number): Promise<NameWay | null> {
  return await visited('chromium', async (port) => {
    const profile = await mkdtemp(join(tmpdir(), 'doctor-chromium-'));
    try {
      for (const program of CHROMIUMS) {
        const url = `http://${name}:${port}/`;
        const { failure, stderr } = await runProgram(program, [...QUIET, `--user-data-dir=${profile}`, url], {
          withinMs,
        });
        if (failure === 'ETIMEDOUT') return { silentMs: withinMs };
        if (failure !== 'ENOENT') return { code: stderr.trim().split('\n').at(-1) || 'it did not come' };
      }
      return null;
    } finally {
      // A browser that is being ended may still write into it.
      await rm(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
    }
  });
}

/** It talks to nobody but us: no updates, no sync, no first run, no other way than the name. */
const QUIET = [
  '--headless',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-proxy-server',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--dump-dom',
  // Chromium refuses to run as root with its sandbox; what it loads here is one page of ours.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
];

/** `visit` sends the program to a port; null: it is not here. Its own words count only when nobody came. */
async function visited(
  way: NameWay['way'],
  visit: (port: number) => Promise<LookupAnswer | null>,
): Promise<NameWay | null> {
  const came = new Set<string>();
  const doors = await openDoors((address) => came.add(address));
  try {
    const [first] = doors;
    if (first === undefined) return { way, answer: { code: 'no port could be opened on 127.0.0.1' } };
    const answer = await visit(first.port);
    if (answer === null) return null;
    return { way, answer: came.size > 0 ? { addresses: [...came] } : answer };
  } finally {
    for (const { server } of doors) server.close();
  }
}

interface OpenDoor {
  readonly server: Server;
  readonly port: number;
}

/** On 127.0.0.1, and on the same port of ::1 where that can be had. */
async function openDoors(came: (address: string) => void): Promise<readonly OpenDoor[]> {
  const first = await openDoor('127.0.0.1', 0, came);
  if (first === null) return [];
  const second = await openDoor('::1', first.port, came);
  return second === null ? [first] : [first, second];
}

function openDoor(host: string, port: number, came: (address: string) => void): Promise<OpenDoor | null> {
  const server = createServer((socket) => {
    came(host);
    socket.on('error', () => undefined).resume();
    socket.end('HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
  });
  return new Promise((resolve) => {
    server.on('error', () => resolve(null));
    server.listen({ host, port, exclusive: true }, () => {
      const bound = server.address();
      resolve(bound === null || typeof bound === 'string' ? null : { server, port: bound.port });
    });
  });
}
