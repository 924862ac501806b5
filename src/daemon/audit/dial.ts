/**
 * The only way by which audit and attack reach a server, with the target guard in it: nothing but a loopback literal is dialled, and the
 * address that answered is looked at again before a byte is sent. No option turns that off. It must not know protocols.
 */

import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import {
  ANSWER_WITHIN_MS,
  CONNECT_WITHIN_MS,
  type ConnectOptions,
  MOST_BYTES,
  ProbeFailure,
  type TlsFacts,
  type TlsOptions,
  type Wire,
} from '../../audit/probe/wire.ts';
import { LoopyardError } from '../../core/errors.ts';
import { isLoopback } from '../../core/loopback.ts';
import { after } from '../../platform/patience.ts';
import { SocketWire } from './socket-wire.ts';

interface Place {
  readonly address: string;
  readonly port: number;
}

/** How a socket is opened; tests hand in one that lies. */
export type Open = (place: Place) => Socket;

/** Errors: AUDIT_REFUSED before anything is opened; `ProbeFailure` when no connection comes about. */
export function createDial(open: Open = openSocket) {
  return async (place: Place, options: ConnectOptions): Promise<Wire> => {
    guard(place.address);
    const socket = await established(open(place), place);
    const answerMs = options.answerWithinMs ?? ANSWER_WITHIN_MS;
    if (options.tls === undefined) return new SocketWire(socket, null, answerMs, MOST_BYTES);
    const secure = await secured(socket, options.tls);
    return new SocketWire(secure, factsOf(secure), answerMs, MOST_BYTES);
  };
}

export const dial = createDial();

/** Errors: AUDIT_REFUSED. */
export function guard(address: string): void {
  if (isLoopback(address)) return;
  throw new LoopyardError('AUDIT_REFUSED', { target: address, reason: 'it is no loopback address' });
}

function openSocket({ address, port }: Place): Socket {
  return connectTcp({ host: address, port, noDelay: true });
}

/** Connected, and to where it was told: the socket's own word counts, not ours. */
function established(socket: Socket, { address, port }: Place): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const fail = (message: string, code: string | null): void => {
      cancel();
      reject(new ProbeFailure(message, code));
      socket.destroy();
    };
    const cancel = after(CONNECT_WITHIN_MS, () => fail('no connection in time', 'ETIMEDOUT'));
    // Stays for good: an error after the connection is told by its end.
    socket.on('error', (error: NodeJS.ErrnoException) => fail(words(error), error.code ?? null));
    socket.once('connect', () => {
      cancel();
      const { remoteAddress, localAddress, localPort } = socket;
      // Cut off again before we could look.
      if (remoteAddress === undefined) return fail('the connection is cut off', 'ECONNRESET');
      if (!isLoopback(remoteAddress) || remoteAddress !== address)
        return fail(
          `the connection led to ${remoteAddress}, which is not the loopback address asked for`,
          'GUARD',
        );
      if (localAddress === remoteAddress && localPort === port)
        return fail('the port only answered itself', null);
      return resolve(socket);
    });
  });
}

function secured(socket: Socket, options: TlsOptions): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const secure = connectTls({ socket, rejectUnauthorized: false, ...tlsOptions(options) });
    const fail = (message: string, code: string | null): void => {
      cancel();
      reject(new ProbeFailure(message, code));
      secure.destroy();
    };
    const cancel = after(CONNECT_WITHIN_MS, () => fail('no TLS handshake in time', 'ETIMEDOUT'));
    secure.on('error', (error: NodeJS.ErrnoException) =>
      fail(`no TLS: ${error.message}`, error.code ?? null),
    );
    secure.once('close', () => fail('no TLS: the connection was closed', null));
    secure.once('secureConnect', () => {
      cancel();
      resolve(secure);
    });
  });
}

function tlsOptions({ alpn, ...rest }: TlsOptions): object {
  return { ...rest, ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }) };
}

function factsOf(secure: TLSSocket): TlsFacts {
  return {
    protocol: secure.getProtocol() ?? '',
    cipher: secure.getCipher().name,
    certificate: secure.getPeerCertificate(true),
    authorizationError:
      secure.authorizationError === null ? null : String(secure.authorizationError ?? '') || null,
  };
}

function words({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'the connection is refused';
  return code === 'ECONNRESET' ? 'the connection is cut off' : message;
}
