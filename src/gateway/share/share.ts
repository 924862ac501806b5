/**
 * One service, open to other machines for a while: TLS on one address, behind it the engine with a single route, before it the
 * admission. It lives in the process that opened it and ends with it. It must not know whose service it is, nor make certificates.
 */

import { type AddressInfo, isIPv6, type Socket } from 'node:net';
import { createServer, type Server } from 'node:tls';
import type { GatewayRoute } from '../../core/gateway.ts';
import { Front } from '../front.ts';
import { ClientConnection } from '../http1/client-connection.ts';
import type { Origin } from '../http1/compose.ts';
import type { Decision, Desk } from '../http1/desk.ts';
import type { RequestHead } from '../http1/request-head.ts';
import { admit, digestOf } from './admission.ts';

/** A few people with browsers; each connection costs a descriptor. */
const MOST_CONNECTIONS = 200;
/** Notices about so many addresses: more are noise. */
const MOST_NOTICES = 100;
const HANDSHAKE_MS = 10_000;
const UPKEEP_MS = 1000;

export interface ShareOptions {
  readonly address: string;
  /** 0: the system picks one. */
  readonly port: number;
  /** PEM. */
  readonly certificate: string;
  readonly key: string;
  readonly token: string;
  /** Epoch ms. */
  readonly until: number;
  readonly service: string;
  /** Where the service is. */
  readonly target: { readonly address: string; readonly port: number };
  /** Once for each address: it came with the right link, or without. */
  visited(address: string, admitted: boolean): void;
}

export interface Share {
  readonly port: number;
  /** Its time is over, or it was closed. */
  readonly ended: Promise<void>;
  /** Nobody is served any more, also on connections that are open. */
  close(): void;
}

/** Errors: those of listening. */
export async function openShare(options: ShareOptions): Promise<Share> {
  const open = new OpenShare(options);
  await open.listen();
  return open;
}

/** What the only route is called; clients call it by an address. */
const NAME = 'shared.localhost';

class OpenShare implements Share, Desk {
  readonly ended: Promise<void>;
  readonly #options: ShareOptions;
  readonly #digest: Buffer;
  readonly #front = new Front({ now: () => performance.now() });
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection>();
  readonly #sockets = new Set<Socket>();
  readonly #noticed = new Set<string>();
  readonly #upkeep: NodeJS.Timeout;
  #end: () => void = () => undefined;

  constructor(options: ShareOptions) {
    const { service, target, certificate, key, token } = options;
    this.#options = options;
    this.#digest = digestOf(token);
    const route: GatewayRoute = {
      id: service,
      names: [NAME],
      wildcard: false,
      path: '/',
      target,
      state: 'ready',
      words: service,
      log: null,
    };
    this.#front.apply({ schema: 1, revision: 1, routes: [route], certificates: [], links: [] });
    this.#server = createServer({
      cert: certificate,
      key,
      minVersion: 'TLSv1.2',
      ALPNProtocols: ['http/1.1'],
      allowHalfOpen: true,
      noDelay: true,
      handshakeTimeout: HANDSHAKE_MS,
    });
    this.#server.maxConnections = MOST_CONNECTIONS;
    this.#server.on('connection', (socket: Socket) => this.#keep(socket));
    this.#server.on('secureConnection', (socket) => this.#serve(socket));
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy());
    this.#upkeep = setInterval(() => this.#sweep(), UPKEEP_MS);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  async listen(): Promise<void> {
    const { address, port } = this.#options;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen({ host: address, port, ipv6Only: isIPv6(address) }, resolve);
      });
    } catch (error) {
      this.close();
      throw error;
    }
    // A connection that could not be taken: others can.
    this.#server.on('error', () => undefined);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    clearInterval(this.#upkeep);
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#front.close();
    this.#end();
  }

  decide(head: RequestHead, origin: Origin): Decision {
    const left = Math.ceil((this.#options.until - Date.now()) / 1000);
    const cookie = `lo-share-${origin.port}`;
    const verdict = admit(head, { digest: this.#digest, cookie, left });
    switch (verdict.kind) {
      case 'enter':
        return this.#front.decide({ ...head, fields: { ...head.fields, host: NAME } }, origin);
      case 'welcome':
        this.#notice(origin.address, true);
        return { kind: 'answer', answer: verdict.answer };
      case 'refused':
        this.#notice(origin.address, false);
        return { kind: 'answer', answer: verdict.answer };
    }
  }

  connections(change: 1 | -1): void {
    this.#front.connections(change);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #serve(socket: Socket): void {
    const { remoteAddress = '', localPort = 0 } = socket;
    const connection = new ClientConnection(
      socket,
      { address: remoteAddress, secure: true, port: localPort },
      this,
    );
    this.#connections.add(connection);
    socket.on('close', () => this.#connections.delete(connection));
  }

  #notice(address: string, admitted: boolean): void {
    const key = `${admitted} ${address}`;
    if (this.#noticed.has(key) || this.#noticed.size === MOST_NOTICES) return;
    this.#noticed.add(key);
    this.#options.visited(address, admitted);
  }

  #sweep(): void {
    const now = performance.now();
    for (const connection of this.#connections) if (connection.deadline < now) connection.expire();
    this.#front.sweep(now);
    if (Date.now() >= this.#options.until) this.close();
  }
}
