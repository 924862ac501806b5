/**
 * Carries the `Workbench` over HTTP on a unix socket: routes, JSON, streams as NDJSON. It must not know what a request does, nor
 * keep what a reader has not read: a source of changes drops a reader that does not keep up, a source of logs waits for it.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ROUTES, type Route, type RouteName, type Workbench } from '../core/api.ts';
import { type ErrorDocument, LoopyardError, reasonOf } from '../core/errors.ts';
import { checkRequest } from './request.ts';

/** A request carries an environment and at most a small project; anything larger is no request of ours. */
const MAX_BODY = 8_000_000;

export interface ApiHost {
  readonly workbench: Workbench;
  /** Called once the answer has left: what ends the daemon must not cut off the answer that says so. */
  replied(route: RouteName): void;
  /** Called for errors that are bugs of ours. */
  report(error: unknown): void;
}

export function createApiServer(host: ApiHost): Server {
  const routes = new Map(ROUTES.map((route) => [route.path, route]));
  const server = createServer((request, response) => {
    handle(host, routes, request, response).catch((error: unknown) => {
      host.report(error);
      response.destroy();
    });
  });
  // Streams last as long as their environment; only the head of a request has a limit.
  server.requestTimeout = 0;
  server.headersTimeout = 10_000;
  return server;
}

async function handle(
  host: ApiHost,
  routes: ReadonlyMap<string, Route>,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  try {
    const route = routes.get(request.url ?? '');
    if (route === undefined || request.method !== 'POST') {
      throw new LoopyardError('REQUEST_INVALID', { reason: `no route ${request.method} ${request.url}` });
    }
    const body = await readBody(request);
    checkRequest(route, body);
    if (route.answer === 'reply') await sendReply(host, route, body, response);
    else await sendStream(host.workbench, route, body, response);
  } catch (error) {
    if (!(error instanceof LoopyardError)) host.report(error);
    sendError(response, toDocument(error));
  }
}

async function sendReply(
  host: ApiHost,
  route: Route,
  body: unknown,
  response: ServerResponse,
): Promise<void> {
  const document = await call(host.workbench, route, body);
  const text = JSON.stringify(document);
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  // Whoever asked may be gone by now: what was asked for is done all the same.
  if (response.destroyed) host.replied(route.name);
  else response.once('close', () => host.replied(route.name)).end(text);
}

async function sendStream(
  workbench: Workbench,
  route: Route,
  body: unknown,
  response: ServerResponse,
): Promise<void> {
  const source = (call(workbench, route, body) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
  const pulled = route.answer === 'batches';
  let open = true;
  response.on('close', () => {
    open = false;
    // Ends the generator at its next await, or at once when it listens for `return`.
    void source.return?.().catch(() => undefined);
  });
  // The first document decides between an error status and a stream, so an early refusal has the right status.
  let next = await source.next();
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  while (open && next.done !== true) {
    const documents = pulled ? (next.value as unknown[]) : [next.value];
    if (!(await writeLines(response, documents))) return;
    next = await source.next();
  }
  if (open) response.end('{"end":true}\n');
}

/** Waits for room. False when the reader went. */
async function writeLines(response: ServerResponse, documents: readonly unknown[]): Promise<boolean> {
  if (response.destroyed) return false;
  let text = '';
  for (const document of documents) text += `${JSON.stringify(document)}\n`;
  if (response.write(text)) return true;
  await new Promise<void>((resolve) => {
    const go = (): void => {
      response.off('drain', go).off('close', go);
      resolve();
    };
    response.on('drain', go).on('close', go);
  });
  return !response.destroyed;
}

function sendError(response: ServerResponse, error: ErrorDocument & { readonly status: number }): void {
  const { status, ...document } = error;
  const text = JSON.stringify({ schema: 1, error: document });
  if (response.headersSent) {
    response.end(`${text}\n`);
    return;
  }
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}

function toDocument(error: unknown): ErrorDocument & { readonly status: number } {
  const known =
    error instanceof LoopyardError
      ? error
      : new LoopyardError(
          'INTERNAL',
          { reason: reasonOf(error) },
          error instanceof Error ? (error.stack ?? '').split('\n') : [],
        );
  return { ...known.toDocument(), status: known.status };
}

function call(workbench: Workbench, route: Route, body: unknown): unknown {
  const method = workbench[route.name] as (this: Workbench, body: unknown) => unknown;
  return method.call(workbench, body);
}

async function readBody(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MAX_BODY)
      throw new LoopyardError('REQUEST_INVALID', { reason: `a body of more than ${MAX_BODY} bytes` });
    chunks.push(chunk as Buffer);
  }
  try {
    const document: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
    if (typeof document === 'object' && document !== null && !Array.isArray(document)) return { ...document };
  } catch (error) {
    throw new LoopyardError(
      'REQUEST_INVALID',
      { reason: `the body is no JSON: ${reasonOf(error)}` },
      [],
      error,
    );
  }
  throw new LoopyardError('REQUEST_INVALID', { reason: 'the body is no JSON object' });
}
