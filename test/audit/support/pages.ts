/** An HTTP server of fixed pages, by path without its query: JSON or text, with a status and headers where they matter. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TestContext } from 'node:test';
import type { Place } from './examine.ts';
import { http } from './servers.ts';

type Headers = Readonly<Record<string, string>>;
/** A body alone is given with 200. Text goes out as it is, anything else as JSON. */
export type Page = unknown | readonly [status: number, body: unknown, headers?: Headers];

export interface More {
  /** For every other path. Default: 404, not found. */
  readonly miss?: Page;
  /** With every answer. */
  readonly headers?: Headers;
  /** Answers itself, before the pages: true. */
  readonly before?: (request: IncomingMessage, response: ServerResponse) => boolean;
}

/** Keys are paths, or a method and a path: `POST /v3/kv/range`. */
export async function pages(
  t: TestContext,
  table: Readonly<Record<string, Page>>,
  { miss = [404, 'not found'], headers = {}, before = () => false }: More = {},
): Promise<Place> {
  return await http(t, (request, response) => {
    if (before(request, response)) return;
    const path = (request.url ?? '').split('?')[0] ?? '';
    const page = table[`${request.method} ${path}`] ?? table[request.url ?? ''] ?? table[path] ?? miss;
    const [status, body, own = {}] = isWhole(page) ? page : [200, page];
    const isText = typeof body === 'string';
    const type = isText ? 'text/plain; charset=utf-8' : 'application/json';
    response.writeHead(status, { 'content-type': type, ...headers, ...own });
    response.end(request.method === 'HEAD' ? undefined : isText ? body : JSON.stringify(body));
  });
}

/** For `before`: refuses whoever came by another name than localhost, as hardened servers do; true: it was refused. */
export function ownHost(request: IncomingMessage, response: ServerResponse): boolean {
  if (/^localhost:\d+$/.test(request.headers.host ?? '')) return false;
  response.writeHead(403).end('Blocked request. This host is not allowed.');
  return true;
}

function isWhole(page: Page): page is readonly [number, unknown, Headers?] {
  return Array.isArray(page) && typeof page[0] === 'number' && page[0] >= 100;
}
