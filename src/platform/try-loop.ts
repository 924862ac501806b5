/**
 * Tries whether this machine can talk to itself at an address: listens there, connects, waits for the connection. Binding alone says too
 * little: Linux binds 127.0.0.1 also while the loopback interface is down. The same on every system.
 */

import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Trial } from './health.ts';
import { after } from './patience.ts';

const WITHIN_MS = 3000;

/** A firewall that drops what it does not like shows as `ETIMEDOUT`. */
export function tryLoop(address: string): Promise<Trial> {
  return new Promise((resolve) => {
    const sockets: Socket[] = [];
    const server = createServer();
    const settle = (trial: Trial): void => {
      giveUp();
      for (const socket of sockets) socket.destroy();
      server.close();
      resolve(trial);
    };
    const refuse = (error: NodeJS.ErrnoException): void =>
      settle({ works: false, code: error.code ?? error.message });
    const giveUp = after(WITHIN_MS, () => settle({ works: false, code: 'ETIMEDOUT' }));
    server.on('error', refuse);
    // A stranger may be quicker, and shows just as well that the address is served.
    server.on('connection', (socket) => {
      sockets.push(socket);
      settle({ works: true });
    });
    server.listen({ host: address, port: 0, exclusive: true }, () => {
      const socket = connect(portOf(server), address);
      socket.on('error', refuse);
      sockets.push(socket);
    });
  });
}

function portOf(server: Server): number {
  const address = server.address();
  return address === null || typeof address === 'string' ? 0 : address.port;
}
