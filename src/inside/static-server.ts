/**
 * `node static-server.js --root DIR --host H --port P [--spa] [--listing]`: serves the files of a directory on a loopback address,
 * for the `static` recipe. It runs as a service's own program and must not know Loopyard.
 */

import { realpathSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { answer } from './static/answer.ts';
import { Connections } from './static/connections.ts';

const CONNECTIONS_MAX = 1024;
/** A connection on which nothing moves for so long is closed. */
const IDLE_MS = 120_000;
/** What is being sent when the end is asked for may go on for so long. */
const GRACE_MS = 3_000;

interface Options {
  readonly root: string;
  readonly host: string;
  readonly port: number;
  readonly spa: boolean;
  readonly listing: boolean;
}

try {
  start(readOptions());
} catch (error) {
  fail(error);
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      root: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8080' },
      spa: { type: 'boolean', default: false },
      listing: { type: 'boolean', default: false },
    },
  });
  const { root, host, spa, listing } = values;
  if (root === undefined) throw new Error('--root DIR is missing');
  if (!/^(127(\.\d{1,3}){3}|::1|localhost)$/.test(host))
    throw new Error(`--host ${host} is no loopback address: files are served on this machine only`);
  const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
  if (!(port <= 65_535)) throw new Error(`--port ${values.port} is no port`);
  if (!statSync(root).isDirectory()) throw new Error(`${root} is not a directory`);
  return { root: realpathSync(root), host, port, spa, listing };
}

function start(options: Options): void {
  const { root, host, spa, listing } = options;
  const server = createServer();
  const connections = new Connections();
  server.on('connection', (socket) => connections.add(socket));
  server.on('request', (request, response) => {
    connections.busyUntilClosed(request.socket, response);
    void answer({ root, address: host, spa, listing }, request, response);
  });
  server.maxConnections = CONNECTIONS_MAX;
  server.timeout = IDLE_MS;
  server.on('error', fail);
  server.listen(options.port, host, () => {
    const { address, family, port } = server.address() as AddressInfo;
    const name = family === 'IPv6' ? `[${address}]` : address;
    process.stdout.write(`serves ${root} on http://${name}:${port}\n`);
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => stop(server, connections));
}

/** The process ends by itself once the last connection is closed. */
function stop(server: Server, connections: Connections): void {
  server.close();
  connections.closeUnlessBusy();
  setTimeout(() => server.closeAllConnections(), GRACE_MS).unref();
}

function fail(error: unknown): void {
  process.stderr.write(`static-server: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
