/** Ready when a TCP connection is accepted. */

import { connect } from 'node:net';
import { ATTEMPT_TIMEOUT_MS, type Attempt, connectionFailure, type Place } from './probe.ts';

export function tcpAttempt({ address, port }: Place): Attempt {
  return (signal) =>
    new Promise((resolve) => {
      const socket = connect({ host: address, port });
      const end = (reason: string | null): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        socket.destroy();
        resolve(reason);
      };
      const abort = (): void => end('no answer');
      const timer = setTimeout(
        () => end(`no answer within ${ATTEMPT_TIMEOUT_MS / 1000}s`),
        ATTEMPT_TIMEOUT_MS,
      );
      signal.addEventListener('abort', abort);
      socket.once('connect', () => {
        // In the ephemeral range a socket can be given the very port that it dials, and then meets itself.
        const self = socket.localPort === port && socket.localAddress === address;
        end(self ? 'the port only answered itself' : null);
      });
      socket.once('error', (error) => end(connectionFailure(error)));
    });
}
