/**
 * The `Workbench` over the daemon's unix socket: one small request function, the methods follow from `ROUTES`. It must not know
 * how a daemon is started (`connect.ts`) nor what its answers mean.
 */

import { request as httpRequest, type IncomingMessage, type RequestOptions } from 'node:http';
import { ROUTES, type Route, type Workbench } from '../core/api.ts';
import { type ErrorDocument, LoopyardError, reasonOf } from '../core/errors.ts';

/** Errors: those of the daemon, and DAEMON_UNREACHABLE when the connection cannot be made or breaks. */
export function socketWorkbench(socketPath: string, daemonLog: string): Workbench {
  const methods = ROUTES.map((route): [string, unknown] => [
    route.name,
    (body: unknown) => CALLS[route.answer](socketPath, daemonLog, route, body),
  ]);
  // The table has one row for each method of the interface (a test compares them), so this is a Workbench.
  return Object.fromEntries(methods) as unknown as Workbench;
}

const CALLS = { reply, stream, batches } as const;

async function reply(socketPath: string, daemonLog: string, route: Route, body: unknown): Promise<unknown> {
  const response = await send(socketPath, daemonLog, route, body);
  const text = await readAll(response, daemonLog);
  const document = parse(text, daemonLog);
  if (response.statusCode !== 200) throw errorFrom(document);
  return document;
}

async function* stream(
  socketPath: string,
  daemonLog: string,
  route: Route,
  body: unknown,
): AsyncGenerator<unknown, void> {
  for await (const batch of batches(socketPath, daemonLog, route, body)) yield* batch;
}

/** The documents of one read from the socket together. */
async function* batches(
  socketPath: string,
  daemonLog: string,
  route: Route,
  body: unknown,
): AsyncGenerator<readonly unknown[], void> {
  const response = await send(socketPath, daemonLog, route, body);
  if (response.statusCode !== 200) throw errorFrom(parse(await readAll(response, daemonLog), daemonLog));
  try {
    for await (const lines of lineBatches(response, daemonLog)) {
      const documents = lines.map((line) => parse(line, daemonLog));
      const last = documents.at(-1);
      const ended = isEnd(last) || isErrorEnvelope(last);
      yield ended ? documents.slice(0, -1) : documents;
      if (isErrorEnvelope(last)) throw errorFrom(last);
      if (ended) return;
    }
  } finally {
    response.destroy();
  }
  throw unreachable('the stream ended early', daemonLog);
}

function send(socketPath: string, daemonLog: string, route: Route, body: unknown): Promise<IncomingMessage> {
  const payload = Buffer.from(JSON.stringify(body ?? {}));
  const options: RequestOptions & { readonly servername: string } = {
    socketPath,
    path: route.path,
    method: 'POST',
    agent: false,
    // Node would derive one from `host`, by a regular expression of 5 ms, although there is no TLS.
    servername: '',
    headers: { host: 'loopyard', 'content-type': 'application/json', 'content-length': payload.length },
  };
  return new Promise((resolve, reject) => {
    const request = httpRequest(options, resolve);
    request.on('error', (error) => reject(unreachable(reasonOf(error), daemonLog, error)));
    request.end(payload);
  });
}

async function readAll(response: IncomingMessage, daemonLog: string): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response) chunks.push(chunk as Buffer);
  } catch (error) {
    throw unreachable(reasonOf(error), daemonLog, error);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** NDJSON lines; bytes are joined before decoding, so a character cut between two reads stays whole. */
async function* lineBatches(
  response: IncomingMessage,
  daemonLog: string,
): AsyncGenerator<readonly string[], void> {
  let rest = '';
  response.setEncoding('utf8');
  try {
    for await (const chunk of response) {
      const lines = (rest + (chunk as string)).split('\n');
      rest = lines.pop() ?? '';
      if (lines.length > 0) yield lines.filter((line) => line !== '');
    }
  } catch (error) {
    throw unreachable(reasonOf(error), daemonLog, error);
  }
}

function parse(text: string, daemonLog: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreachable('its answer was cut off', daemonLog, error);
  }
}

/** `{error: …}` stands alone in an answer or a line; no document of the API has such a key. */
function isErrorEnvelope(document: unknown): document is { error: ErrorDocument } {
  return typeof document === 'object' && document !== null && 'error' in document;
}

function isEnd(document: unknown): boolean {
  return typeof document === 'object' && document !== null && 'end' in document;
}

function errorFrom(document: unknown): Error {
  return isErrorEnvelope(document)
    ? LoopyardError.fromDocument(document.error)
    : new LoopyardError('REQUEST_INVALID', { reason: 'the daemon gave no reason' });
}

function unreachable(reason: string, log: string, cause?: unknown): LoopyardError {
  return new LoopyardError('DAEMON_UNREACHABLE', { reason, log }, [], cause);
}
