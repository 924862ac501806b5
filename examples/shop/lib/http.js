// What both HTTP servers share: a table of routes, one log line per request, errors as answers.

import { createServer } from 'node:http';
import { log } from './log.js';

const MAX_BODY_BYTES = 10_000;
// Names and addresses of this machine alone: a page of somebody else's could reach us by a name of its own that leads here.
const OWN_HOST = /^(?:(?:[\w-]+\.)*localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/** An error whose message is meant for the client. */
export class HttpError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/**
 * `routes`: `{'GET /products': async (request, url) => answer}`. An answer is `{status, headers, body}`; `fail(error)` makes one
 * out of whatever a route throws.
 */
export function createApp(routes, fail) {
  return createServer(async (request, response) => {
    const started = performance.now();
    const url = new URL(request.url, 'http://localhost');
    const answer = await answerTo(request, url, routes, fail);
    response.writeHead(answer.status, answer.headers).end(answer.body);
    const took = (performance.now() - started).toFixed(1);
    if (url.pathname !== '/healthz' || answer.status !== 200) {
      log(`${request.method} ${url.pathname} ${answer.status} ${took} ms`);
    }
  });
}

async function answerTo(request, url, routes, fail) {
  try {
    if (!OWN_HOST.test(request.headers.host ?? ''))
      throw new HttpError(421, 'this host name is not served here');
    const route = routes[`${request.method} ${url.pathname}`];
    if (route === undefined) throw new HttpError(404, `there is no ${request.method} ${url.pathname}`);
    return await route(request, url);
  } catch (error) {
    return fail(error);
  }
}

export async function readBody(request) {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) {
    body += chunk;
    if (body.length > MAX_BODY_BYTES) throw new HttpError(413, 'the body is too long');
  }
  return body;
}
