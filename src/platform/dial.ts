/** Knocks at a place: by a TCP connection, or by a GET over one. It sends nothing else, and must not decide what an answer is worth. */

import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, type Socket } from 'node:net';

export interface Place {
  readonly address: string;
  readonly port: number;
}

/** `status` is that of a GET. `failed`: in words, with the system's code where there is one. */
export type DialAnswer =
  | { readonly failed: null; readonly status: number | null }
  | { readonly failed: string; readonly code: string | null };

/**
 * A socket that dials a port of the ephemeral range of its own machine may be given that very port, and then meets itself: that is no
 * answer, and the port is given back at once.
 */
const SELF: DialAnswer = { failed: 'the port only answered itself', code: null };

/** `withinMs`: no answer by then is a failure. */
export function dial({ address, port }: Place, withinMs: number): Promise<DialAnswer> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port, timeout: withinMs });
    socket.once('connect', () => {
      const self = isSelf(socket);
      resolve(self ? SELF : { failed: null, status: null });
      if (self) socket.resetAndDestroy();
      else leave(socket);
    });
    socket.once('timeout', () => {
      resolve(late(withinMs));
      socket.destroy();
    });
    // May come again when it is destroyed above.
    socket.on('error', (error) => resolve(failure(error)));
  });
}

/** Certificates are not checked on loopback addresses: nobody else can answer there. */
export function get(place: Place, url: URL, withinMs: number): Promise<DialAnswer> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const isLoopback = /^(127\.|::1$|::ffff:127\.)/.test(place.address);
  return new Promise((resolve) => {
    const asked = request({
      host: place.address,
      port: place.port,
      path: `${url.pathname}${url.search}`,
      headers: { host: url.host },
      servername: /^[\d.]+$|^\[/.test(url.hostname) ? '' : url.hostname,
      rejectUnauthorized: !isLoopback,
      agent: false,
      timeout: withinMs,
    });
    asked.once('socket', (socket) =>
      socket.once('connect', () => {
        if (!isSelf(socket)) return;
        resolve(SELF);
        socket.resetAndDestroy();
      }),
    );
    asked.once('response', (response) => {
      // The body does not matter, and may never end (a stream of events).
      response.destroy();
      resolve({ failed: null, status: response.statusCode ?? 0 });
    });
    asked.once('timeout', () => {
      resolve(late(withinMs));
      asked.destroy();
    });
    // May come again when the answer is cut off above.
    asked.on('error', (error) => resolve(failure(error)));
    asked.end();
  });
}

/** In peace: a server that does not reckon with a connection that is cut off would end. */
function leave(socket: Socket): void {
  socket.resume();
  socket.end();
  socket.setTimeout(LEAVE_MS);
}

const LEAVE_MS = 500;

function isSelf({ localAddress, localPort, remoteAddress, remotePort }: Socket): boolean {
  return localPort === remotePort && localAddress === remoteAddress;
}

function late(withinMs: number): DialAnswer {
  return { failed: `no answer within ${Math.round(withinMs)}ms`, code: 'ETIMEDOUT' };
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection is refused',
  ECONNRESET: 'the connection is cut off',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  EADDRNOTAVAIL: 'this machine has no address or no port left to dial from',
};

function failure(error: Error): DialAnswer {
  const code = (error as NodeJS.ErrnoException).code ?? null;
  return { failed: code === null ? error.message : (WORDS[code] ?? `${error.message} (${code})`), code };
}
