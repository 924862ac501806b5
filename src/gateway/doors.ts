/**
 * The sockets that the gateway listens on: 127.0.0.1 and ::1, HTTPS and HTTP. Connections become the engine's, whatever they came
 * by; one that speaks plainly at a secure door is answered as at a plain one, so that who forgot the `s` is told. It must not know
 * routes.
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
/** So long may a client of a secure door say nothing at all, in ms. */
const SILENCE_MS = 10_000;
/** The first byte of TLS: a record of the handshake. */
const HANDSHAKE = 0x16;

export interface DoorOptions {
  readonly desk: Desk;
  report(error: unknown): void;
  /** Null: nobody has this name; the handshake is refused. */
  certificateFor(name: string): SecureContext | null;
}

export class Doors {
  readonly #options: DoorOptions;
  readonly #servers = new Map<Server, Door>();
  readonly #failed: Door[] = [];
  readonly #connections = new Set<ClientConnection>();
  /** Came to a secure door and have said nothing yet; until when they may. */
  readonly #silent = new Map<Socket, number>();
  /** Listens nowhere: it is handed connections. */
  readonly #tls: Server;

  constructor(options: DoorOptions) {
    this.#options = options;
    this.#tls = this.#secureServer();
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
    for (const [socket, deadline] of this.#silent) if (deadline < now) socket.destroy();
  }

  close(): void {
    for (const server of this.#servers.keys()) server.close();
  }

  #listen(address: string, port: number, secure: boolean): Promise<number | null> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    server.maxConnections = MOST_CONNECTIONS;
    server.on('connection', (socket) => (secure ? this.#listenTo(socket) : this.#take(socket, false)));
    return new Promise((resolve) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        this.#failed.push({ address, port, secure, error: error.code ?? error.message });
        resolve(null);
      };
      server.once('error', fail);
      server.listen({ host: address, port, ipv6Only: address.includes(':') }, () => {
        // From here on it is a connection that could not be taken: no descriptor was left, most likely.
        server.off('error', fail).on('error', this.#options.report);
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
    server.on('secureConnection', (socket: Socket) => this.#take(socket, true));
    return server;
  }

  /** Its first byte tells what it speaks. */
  #listenTo(socket: Socket): void {
    this.#silent.set(socket, performance.now() + SILENCE_MS);
    const forget = (): boolean => this.#silent.delete(socket);
    const gone = (): void => void socket.destroy();
    socket.once('close', forget).once('end', gone).on('error', gone);
    socket.once('readable', () => {
      forget();
      const first: Buffer | null = socket.read();
      if (first === null) return;
      socket.off('close', forget).off('end', gone).off('error', gone);
      if (first[0] === HANDSHAKE) {
        socket.unshift(first);
        this.#tls.emit('connection', socket);
      } else this.#take(socket, false).data(first);
    });
  }

  #take(socket: Socket, secure: boolean): ClientConnection {
    const { remoteAddress = '', localPort = 0 } = socket;
    const address = remoteAddress.replace(/^::ffff:/, '');
    const origin = { address, secure, port: localPort };
    const connection = new ClientConnection(socket, origin, this.#options.desk);
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
    return connection;
  }
}
