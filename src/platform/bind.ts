/** Tries an address and port by listening there for an instant. The same on every system. */

import { createServer } from 'node:net';
import type { BindAnswer } from './platform.ts';

/** `port` 0 asks for the address alone. Both families; IPv6 addresses are tried without IPv4 behind them. */
export function tryBind(address: string, port: number): Promise<BindAnswer> {
  return tryListen(address, port, address.includes(':'));
}

/** `ipv6Only`: of `::`, without IPv4 behind it. What connects in that instant is told that nobody is there. */
export function tryListen(address: string, port: number, ipv6Only: boolean): Promise<BindAnswer> {
  return new Promise((resolve) => {
    const server = createServer((connection) => connection.resetAndDestroy());
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve({ bindable: false, code: error.code ?? error.message }),
    );
    server.listen({ host: address, port, exclusive: true, ipv6Only, backlog: 1 }, () => {
      server.close(() => resolve({ bindable: true }));
    });
  });
}
