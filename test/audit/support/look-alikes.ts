/**
 * Servers that have no weakness of the catalogue and look as if they had, or cannot be talked to at all. Every check is tried on every
 * one; a finding is a false alarm. They must not know checks.
 */

import { randomBytes } from 'node:crypto';
import type { TestContext } from 'node:test';
import type { Place } from './examine.ts';
import { http, talker, tcp } from './servers.ts';

export interface LookAlike {
  readonly name: string;
  start(t: TestContext): Promise<Place>;
}

const PAGE = '<!doctype html><title>Shop</title><script src="/app.js"></script><h1>Welcome to the shop</h1>';

export const LOOK_ALIKES: readonly LookAlike[] = [
  {
    name: 'a catch-all that says 200, and 101 to every upgrade',
    start: (t) =>
      http(
        t,
        (_, response) => response.end('{"ok":true,"status":"ready"}'),
        (server) =>
          server.on('upgrade', (_, socket) =>
            socket.end(
              'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
            ),
          ),
      ),
  },
  {
    name: 'a catch-all that repeats the whole request',
    start: (t) =>
      http(t, ({ method, url, headers }, response) => {
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ method, url, headers }));
      }),
  },
  {
    name: 'a hardened single page application: every page is the index, foreign hosts are refused',
    start: (t) =>
      http(t, ({ headers, socket }, response) => {
        const isOwn = headers.host === `localhost:${socket.localPort}`;
        response.statusCode = isOwn ? 200 : 403;
        for (const [name, value] of HARDENED) response.setHeader(name, value);
        response.end(isOwn ? PAGE : 'Blocked request. This host is not allowed.');
      }),
  },
  {
    name: 'foreign hosts get 200 with an error in words',
    start: (t) =>
      http(t, ({ headers, url, socket }, response) => {
        for (const [name, value] of HARDENED) response.setHeader(name, value);
        if (headers.host !== `localhost:${socket.localPort}`) return response.end('Invalid Host header');
        response.statusCode = url === '/' ? 200 : 404;
        return response.end(url === '/' ? PAGE : 'not found');
      }),
  },
  {
    name: '403 to everything, with Access-Control-Allow-Origin: *',
    start: (t) =>
      http(t, (_, response) => {
        response.writeHead(403, { 'access-control-allow-origin': '*' });
        response.end('forbidden');
      }),
  },
  {
    name: '401 to everything',
    start: (t) =>
      http(t, (_, response) => {
        response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' });
        response.end('{"error":"unauthorized"}');
      }),
  },
  {
    name: 'redirects off loopback',
    start: (t) =>
      http(t, ({ url }, response) => {
        response.writeHead(302, { location: `http://192.0.2.1${url}` });
        response.end();
      }),
  },
  {
    name: 'answers differently every time',
    start: (t) =>
      http(t, (_, response) => {
        const words = Array.from({ length: 200 }, () =>
          String.fromCharCode(97 + ((randomBytes(1)[0] ?? 0) % 26)).repeat(3),
        );
        response.statusCode = [200, 404, 500][(randomBytes(1)[0] ?? 0) % 3] ?? 200;
        response.end(words.join(' '));
      }),
  },
  {
    name: 'HTTP whose body never ends',
    start: (t) =>
      http(t, (_, response) => {
        const more = (): void => {
          while (response.write(Buffer.alloc(65_536, 'a')));
        };
        response.on('drain', more);
        more();
      }),
  },
  {
    name: 'interim answers (103), and never another one',
    start: (t) =>
      tcp(t, (socket) => {
        const more = (): void => {
          while (socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n'.repeat(2000)));
        };
        socket.once('data', more);
        socket.on('drain', more);
      }),
  },
  { name: 'an echo', start: (t) => talker(t, (said) => said) },
  { name: 'says OK to everything', start: (t) => talker(t, () => 'OK\r\n') },
  { name: 'says +PONG to everything', start: (t) => talker(t, () => '+PONG\r\n') },
  { name: 'random bytes to everything', start: (t) => talker(t, () => randomBytes(64)) },
  { name: 'zero bytes to everything', start: (t) => talker(t, () => Buffer.alloc(64)) },
  { name: 'greets as SSH does', start: (t) => tcp(t, (socket) => socket.write('SSH-2.0-OpenSSH_9.2\r\n')) },
  { name: 'never says a word', start: (t) => tcp(t, (socket) => socket.resume()) },
  { name: 'hangs up at once', start: (t) => tcp(t, (socket) => socket.end()) },
  { name: 'cuts off at once', start: (t) => tcp(t, (socket) => socket.resetAndDestroy()) },
  {
    name: 'cuts off at the first word',
    start: (t) => tcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy())),
  },
  {
    name: 'a page without any head, as HTTP/0.9 did',
    start: (t) => tcp(t, (socket) => socket.once('data', () => socket.end(PAGE))),
  },
];

const HARDENED: readonly (readonly [string, string])[] = [
  ['content-type', 'text/html; charset=utf-8'],
  ['cross-origin-resource-policy', 'same-origin'],
  ['content-security-policy', "frame-ancestors 'none'"],
  ['x-frame-options', 'DENY'],
];
