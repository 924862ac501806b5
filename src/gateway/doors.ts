/**
 * The sockets that the gateway listens on: 127.0.0.1 and ::1, HTTPS and HTTP. Connections become the engine's, whatever they came
 * by. It must not know routes.
 */

import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createSecureServer, type SecureContext, type TlsOptions } from 'node:tls';
import type { Door } from '../core/gateway.ts';
import { ClientConnection } from './http1/client-connection.ts';
import type { Desk } from './http1/desk.ts';

/** Both families: `localhost` is ::1 to one program and 127.0.0.1 to the next. */
const ADDRESSES = ['127.0.0.1', '::1'] as const;

/** More than any browser and tool of one person open; each costs a descriptor. */
const MOST_CONNECTIONS = 12_000;

export interface DoorOptions {
  readonly desk: Desk;
  /** Null: nobody has this name; the handshake is refused. */
  certificateFor(name: string): SecureContext | null;
}

export class Doors {
  readonly #options: DoorOptions;
  readonly #servers = new Map<Server, Door>();
  readonly #failed: Door[] = [];
  readonly #connections = new Set<ClientConnection>();

  constructor(options: DoorOptions) {
    this.#options = options;
  }

  /** One door for each address, all on one port: the first of `ports` that can be had on 127.0.0.1. Null: none can. */
  async open(ports: readonly number[], secure: boolean): Promise<number | null> {
    for (const port of ports) {
      const [first, ...others] = ADDRESSES;
      const opened = await this.#listen(first, port, secure);
      if (opened === null) continue;
      // Without IPv6 one door is missing, and said; a name that leads to ::1 is then no way in.
      for (const address of others) await this.#listen(address, opened, secure);
      return opened;
    }
    return null;
  }

  describe(): readonly Door[] {
    return [...this.#servers.values(), ...this.#failed];
  }

  /** Ends connections whose time is over. */
  sweep(now: number): void {
    for (const connection of this.#connections) if (connection.deadline < now) connection.expire();
  }

  close(): void {
    for (const server of this.#servers.keys()) server.close();
  }

  #listen(address: string, port: number, secure: boolean): Promise<number | null> {
    const server = secure ? this.#secureServer() : createServer({ allowHalfOpen: true, noDelay: true });
    server.maxConnections = MOST_CONNECTIONS;
    server.on(secure ? 'secureConnection' : 'connection', (socket: Socket) => this.#take(socket, secure));
    return new Promise((resolve) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        this.#failed.push({ address, port, secure, error: error.code ?? error.message });
        resolve(null);
      });
      server.listen({ host: address, port, ipv6Only: address.includes(':') }, () => {
        const bound = server.address();
        const taken = bound !== null && typeof bound === 'object' ? bound.port : port;
        this.#servers.set(server, { address, port: taken, secure, error: null });
        resolve(taken);
      });
    });
  }

  #secureServer(): Server {
    const options: TlsOptions = {
      allowHalfOpen: true,
      noDelay: true,
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: 10_000,
      SNICallback: (name, done) => {
        const context = this.#options.certificateFor(name.toLowerCase());
        done(context === null ? new Error('no such name') : null, context ?? undefined);
      },
    };
    const server = createSecureServer(options);
    // A client that refuses the certificate, or speaks no TLS: its own affair.
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    return server;
  }

  #take(socket: Socket, secure: boolean): void {
    const { remoteAddress = '', localPort = 0 } = socket;
    const address = remoteAddress.replace(/^::ffff:/, '');
    const origin = { address, secure, port: localPort };
    const connection = new ClientConnection(socket, origin, this.#options.desk);
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }
}
