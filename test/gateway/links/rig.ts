/** A link over real sockets, in the test's own process: a service that the test plays behind it, callers before it. */

import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { Fault } from '../../../src/core/fault.ts';
import type { GatewayLink, LinkPlace, LinkStatistics } from '../../../src/core/link.ts';
import { Links, type LinksOptions } from '../../../src/gateway/links/links.ts';
import { until } from '../../support/until.ts';

export class LinkRig {
  readonly links: Links;
  readonly services: Peer[] = [];
  wish: GatewayLink;
  readonly #server: Server;
  readonly #callers: Peer[] = [];

  private constructor(server: Server, listen: LinkPlace, options: LinksOptions) {
    this.links = new Links(options);
    this.#server = server;
    const port = portOf(server);
    this.wish = { id: 'shop/api:db', listen, upstream: { address: HOST, port }, enabled: true, faults: [] };
  }

  static async create(
    t: TestContext,
    faults: readonly Fault[] = [],
    options: LinksOptions = {},
  ): Promise<LinkRig> {
    const server = createServer({ allowHalfOpen: true, noDelay: true });
    await listening(server);
    const rig = new LinkRig(server, await freePlace(), options);
    server.on('connection', (socket) => rig.services.push(new Peer(socket)));
    t.after(() => rig.close());
    await rig.change({ faults });
    return rig;
  }

  /** Applies the link with these differences; resolves when it listens, or could not. */
  async change(differences: Partial<GatewayLink>): Promise<void> {
    this.wish = { ...this.wish, ...differences };
    this.links.apply([this.wish]);
    await this.links.settled();
  }

  /** A caller that is connected to the link. */
  async caller(): Promise<Peer> {
    const peer = this.dial();
    await once(peer.socket, 'connect');
    return peer;
  }

  /** A caller that may be reset before it knows that it is connected. */
  dial(): Peer {
    const { address, port } = this.wish.listen;
    const peer = new Peer(connect({ host: address, port, noDelay: true, allowHalfOpen: true }));
    this.#callers.push(peer);
    return peer;
  }

  /** The service's side of the connection that was made as the n-th. */
  async service(index = 0): Promise<Peer> {
    await until(() => this.services.length > index);
    return this.services[index] as Peer;
  }

  /** Caller and service of a new connection. */
  async pair(): Promise<{ readonly caller: Peer; readonly service: Peer }> {
    const index = this.services.length;
    const caller = await this.caller();
    return { caller, service: await this.service(index) };
  }

  get statistics(): LinkStatistics {
    const [first] = this.links.statistics();
    if (first === undefined) throw new Error('no link');
    return first;
  }

  async close(): Promise<void> {
    for (const peer of [...this.#callers, ...this.services]) peer.socket.destroy();
    await this.links.close();
    this.#server.close();
  }
}

/** One end of a connection: what it heard, and how it ended. */
export class Peer {
  readonly socket: Socket;
  heard = Buffer.alloc(0);
  ended = false;
  error: string | null = null;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.heard = Buffer.concat([this.heard, bytes]);
    });
    socket.on('end', () => {
      this.ended = true;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
  }

  get text(): string {
    return this.heard.toString('latin1');
  }

  send(text: string | Buffer): void {
    this.socket.write(text);
  }

  async hears(text: string): Promise<void> {
    await until(() => this.text === text);
  }

  async hearsEnd(): Promise<void> {
    await until(() => this.ended);
  }

  async closed(): Promise<void> {
    await until(() => this.socket.destroyed);
  }
}

export const HOST = '127.0.0.1';

/** An address outside the leased blocks that no other test file uses: its port stays free as long as the test wants it. */
export async function freePlace(): Promise<LinkPlace> {
  const address = `127.${130 + (process.pid % 100)}.${1 + Math.floor(Math.random() * 254)}.${1 + Math.floor(Math.random() * 254)}`;
  const server = createServer();
  await listening(server, address);
  const port = portOf(server);
  server.close();
  await once(server, 'close');
  return { address, port };
}

export async function listening(server: Server, address = HOST): Promise<void> {
  server.listen(0, address);
  await once(server, 'listening');
}

export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** A fault as the daemon would give it: in force on every connection unless said otherwise. */
export function fault(kind: string, settings: Fault['settings'], more: Partial<Fault> = {}): Fault {
  return { name: kind, kind, direction: 'down', settings, probability: 1, seed: 1, until: null, ...more };
}

/** Resolves with a figure that has grown, and grows no more. */
export async function standsStill(figure: () => number): Promise<number> {
  let last = 0;
  let since = performance.now();
  await until(() => {
    if (figure() !== last || last < 2) {
      last = figure();
      since = performance.now();
    }
    return performance.now() - since > 1500;
  });
  return last;
}
