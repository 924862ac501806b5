/** Ready when a TCP connection is accepted. */

import { connect } from 'node:net';
import { ATTEMPT_TIMEOUT_MS, type Attempt } from './probe.ts';

/** IPv4 or IPv6 address. A connection to itself, which the ephemeral range makes possible, is no answer. */
export function tcpAttempt(address: string, port: number): Attempt {
  return (signal) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const end = (reason: string | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        socket.destroy();
        resolve(reason);
      };
      const abort = (): void => end('aborted');
      const timer = setTimeout(
        () => end(`no answer within ${ATTEMPT_TIMEOUT_MS / 1000}s`),
        ATTEMPT_TIMEOUT_MS,
      );
      signal.addEventListener('abort', abort);
      socket.once('connect', () => {
        const self = socket.localPort === port && socket.localAddress === address;
        end(self ? 'the port only answered itself' : null);
      });
      socket.once('error', (error: NodeJS.ErrnoException) => end(words(error)));
    });
}

export function words(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused';
    case 'ECONNRESET':
      return 'the connection was reset';
    case 'ETIMEDOUT':
      return 'no answer';
    default:
      return error.message;
  }
}
