/** Answers requests from the files of one directory. It must not know how the server was started. */

import type { BigIntStats } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { byteRange } from './byte-range.ts';
import { contentType } from './content-types.ts';
import { type Found, findFile } from './find-file.ts';
import { listingPage } from './listing.ts';
import { isOwnHost, type RequestPath, requestPath } from './request-path.ts';

export interface Site {
  /** Absolute, without links in it. */
  readonly root: string;
  /** The address, or name, that is listened on. */
  readonly address: string;
  /** Unknown paths are the application's own: they get its page. */
  readonly spa: boolean;
  /** Directories without an `index.html` are listed. */
  readonly listing: boolean;
}

type OwnPath = Extract<RequestPath, { kind: 'path' }>;
type OpenFile = Extract<Found, { kind: 'file' }>;
interface Exchange {
  readonly site: Site;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'bad request',
  403: 'this name does not lead here',
  404: 'not found',
  405: 'only GET and HEAD are answered',
  416: 'there is no such part',
  500: 'could not answer',
};

export async function answer(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const exchange = { site, request, response };
  try {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    await route(exchange);
  } catch {
    // The file system failed, or the reader left. Neither words nor paths of it are a stranger's business.
    if (response.headersSent) response.destroy();
    else refuse(exchange, 500);
  }
}

async function route(exchange: Exchange): Promise<void> {
  const { site, request, response } = exchange;
  if (!isOwnHost(request.headers.host, site.address)) return refuse(exchange, 403);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('Allow', 'GET, HEAD');
    return refuse(exchange, 405);
  }
  const path = requestPath(request.url ?? '');
  if (path.kind === 'malformed') return refuse(exchange, 400);
  if (path.kind === 'refused') return refuse(exchange, 404);
  await serve(exchange, path, await findFile(site.root, path.segments));
}

async function serve(exchange: Exchange, path: OwnPath, found: Found): Promise<void> {
  switch (found.kind) {
    case 'file':
      // `/page.html/` would make the page's own links point elsewhere.
      if (!path.isDirectory) return await sendFile(exchange, found);
      await found.handle.close();
      return await serveUnknown(exchange, path);
    case 'directory':
      return path.isDirectory ? await serveDirectory(exchange, path, found.path) : redirect(exchange, path);
    case 'nothing':
      return await serveUnknown(exchange, path);
    default:
      return found satisfies never;
  }
}

async function serveDirectory(exchange: Exchange, path: OwnPath, directory: string): Promise<void> {
  const index = await findFile(exchange.site.root, [...path.segments, 'index.html']);
  if (index.kind === 'file') return await sendFile(exchange, index);
  if (!exchange.site.listing) return await serveUnknown(exchange, path);
  const title = `/${path.segments.map((segment) => `${segment}/`).join('')}`;
  const page = await listingPage(directory, title);
  exchange.response.setHeader('Content-Security-Policy', "default-src 'none'");
  sendText(exchange, 200, 'text/html; charset=utf-8', page);
}

/** A missing picture stays missing; a missing page is one that the application makes. */
async function serveUnknown(exchange: Exchange, path: OwnPath): Promise<void> {
  const { site, request } = exchange;
  const isPage =
    !(path.segments.at(-1) ?? '').includes('.') || (request.headers.accept ?? '').includes('text/html');
  const page = site.spa && isPage ? await findFile(site.root, ['index.html']) : null;
  return page?.kind === 'file' ? await sendFile(exchange, page) : refuse(exchange, 404);
}

/** Not for ever: the same address serves another directory tomorrow. */
function redirect(exchange: Exchange, path: OwnPath): void {
  exchange.response.setHeader('Location', `${path.raw}/${path.query}`);
  sendText(exchange, 302, 'text/plain; charset=utf-8', 'this is a directory\n');
}

async function sendFile(exchange: Exchange, file: OpenFile): Promise<void> {
  try {
    await sendOpenFile(exchange, file);
  } finally {
    await file.handle.close();
  }
}

async function sendOpenFile(exchange: Exchange, { name, handle, stats }: OpenFile): Promise<void> {
  const { request, response } = exchange;
  const size = Number(stats.size);
  const etag = etagOf(stats);
  const modified = new Date(Number(stats.mtimeMs)).toUTCString();
  response.setHeader('ETag', etag);
  response.setHeader('Last-Modified', modified);
  response.setHeader('Cache-Control', 'no-cache');
  if (isUnchanged(request, etag, Number(stats.mtimeMs))) return end(exchange, 304);
  response.setHeader('Accept-Ranges', 'bytes');
  const range =
    request.method === 'GET' && isRangeValid(request, etag, modified)
      ? byteRange(request.headers.range, size)
      : ({ kind: 'whole' } as const);
  if (range.kind === 'unsatisfiable') {
    response.setHeader('Content-Range', `bytes */${size}`);
    return refuse(exchange, 416);
  }
  const { first, last } = range.kind === 'part' ? range : { first: 0, last: size - 1 };
  if (range.kind === 'part') response.setHeader('Content-Range', `bytes ${first}-${last}/${size}`);
  response.setHeader('Content-Type', contentType(name));
  response.setHeader('Content-Length', last - first + 1);
  response.statusCode = range.kind === 'part' ? 206 : 200;
  if (request.method === 'HEAD' || size === 0) return void response.end();
  const bytes = handle.createReadStream({ start: first, end: last, autoClose: false });
  await pipeline(bytes, response);
  // The file shrank meanwhile: the reader must not take what it got for the whole.
  if (bytes.bytesRead < last - first + 1) response.destroy();
}

/** RFC 9110, 13.2.2: the time counts only where there is no tag. */
function isUnchanged(request: IncomingMessage, etag: string, mtimeMs: number): boolean {
  const tags = request.headers['if-none-match'];
  if (tags !== undefined)
    return tags.split(',').some((tag) => ['*', etag].includes(tag.trim().replace(/^W\//, '')));
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return !Number.isNaN(since) && Math.floor(mtimeMs / 1000) * 1000 <= since;
}

function isRangeValid(request: IncomingMessage, etag: string, modified: string): boolean {
  const condition = request.headers['if-range'];
  return condition === undefined || condition === etag || condition === modified;
}

function etagOf(stats: BigIntStats): string {
  return `"${stats.mtimeNs.toString(36)}-${stats.size.toString(36)}"`;
}

function refuse(exchange: Exchange, status: number): void {
  sendText(exchange, status, 'text/plain; charset=utf-8', `${status} ${REASONS[status] ?? ''}\n`);
}

function sendText({ request, response }: Exchange, status: number, type: string, text: string): void {
  response.statusCode = status;
  response.setHeader('Content-Type', type);
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(request.method === 'HEAD' ? undefined : text);
}

function end({ response }: Exchange, status: number): void {
  response.statusCode = status;
  response.end();
}
