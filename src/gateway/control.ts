/**
 * The gateway's own control: HTTP on a unix socket in a private directory. It takes snapshots and changes, tells of itself, ends. It must not
 * know what a snapshot means.
 */

import { chmodSync, renameSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { GatewayChange, GatewayChangeAnswer, GatewaySnapshot, GatewayStatus } from '../core/gateway.ts';

/** A thousand routes are a fifth of it. */
const MOST_BODY = 4_000_000;

export interface Controlled {
  /** Resolves when what can be had of it is served: whoever hears of it may connect. */
  apply(snapshot: GatewaySnapshot): Promise<void>;
  change(change: GatewayChange): Promise<GatewayChangeAnswer>;
  status(): GatewayStatus;
  metrics(): string;
  /** Nobody is served any more: whoever hears that it ends meets no listener of it. */
  stop(): Promise<void>;
  end(): void;
}

/** Errors: those of listening. The socket appears when it answers, in place of any that nobody serves. */
export function serveControl(path: string, controlled: Controlled): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, controlled).then(
      (text) => {
        response.end(text);
        if (request.url === '/v1/end') response.once('close', () => controlled.end());
      },
      (error: unknown) => {
        response.statusCode = 400;
        response.end(error instanceof Error ? error.message : String(error));
      },
    );
  });
  server.requestTimeout = 0;
  // The daemon asks again and again over one connection; one that is closed on it just then would look like our end.
  server.keepAliveTimeout = 0;
  const draft = `${path}.${process.pid}`;
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(draft, () => {
      chmodSync(draft, 0o600);
      renameSync(draft, path);
      resolve(server);
    });
  });
}

async function answer(request: IncomingMessage, controlled: Controlled): Promise<string> {
  switch (`${request.method} ${request.url}`) {
    case 'POST /v1/snapshot':
      await controlled.apply(JSON.parse(await bodyOf(request)) as GatewaySnapshot);
      return JSON.stringify(controlled.status());
    case 'POST /v1/change':
      return JSON.stringify(await controlled.change(JSON.parse(await bodyOf(request)) as GatewayChange));
    case 'GET /v1/status':
      return JSON.stringify(controlled.status());
    case 'GET /metrics':
      return controlled.metrics();
    case 'POST /v1/end':
      await controlled.stop();
      return '{}';
    // Lasts as long as the gateway: whoever keeps it open hears at once when that ends.
    case 'GET /v1/attend':
      return await new Promise(() => undefined);
    default:
      throw new Error('no such request');
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size > MOST_BODY) throw new Error('too large');
  }
  return Buffer.concat(chunks).toString('utf8');
}
