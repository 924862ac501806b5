/** The engine between a client and a program that the test plays, over real sockets: raw bytes in, raw bytes out. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { ClientConnection } from '../../src/gateway/http1/client-connection.ts';
import type { Route } from '../../src/gateway/http1/desk.ts';
import { NOT_FOUND } from '../../src/gateway/http1/refusals.ts';
import { Composed, Repeats } from '../../src/gateway/http1/repeats.ts';
import { Upstream } from '../../src/gateway/http1/upstream.ts';
import { until } from './until.ts';

export const GET = 'GET / HTTP/1.1\r\nHost: a.localhost\r\n\r\n';
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** A client, or the program behind: what it heard so far, as latin1. */
export class Peer {
  text = '';
  error: string | null = null;
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.text += text;
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      this.error = error.code ?? error.message;
    });
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  async closed(): Promise<void> {
    await until(() => this.socket.closed);
  }

  forget(): void {
    this.text = '';
  }

  async hears(pattern: RegExp): Promise<void> {
    await until(() => pattern.test(this.text));
  }
}

export class Rig {
  /** Connections to the program, in the order they came. */
  readonly programs: Peer[] = [];
  /** Statuses of the requests that are over; 0: the client went first. */
  readonly finished: number[] = [];
  /** Requests to held.localhost wait until it is called. */
  release: () => void = () => undefined;
  readonly held = new Promise<void>((resolve) => {
    this.release = resolve;
  });
  readonly #door: Server;
  readonly #clients: Peer[] = [];
  readonly #sockets: Socket[] = [];
  #halfOpen = false;
  #meet: (program: Peer) => void = () => undefined;

  /** Connections of clients as the engine has them. */
  readonly connections: ClientConnection[] = [];

  private constructor(door: Server) {
    this.#door = door;
  }

  static async create(t: TestContext): Promise<Rig> {
    const behind = createServer({ allowHalfOpen: true }, (socket) => {
      if (!rig.#halfOpen) socket.once('end', () => socket.end());
      const program = new Peer(socket);
      rig.programs.push(program);
      rig.#meet(program);
    });
    behind.listen(0, '127.0.0.1');
    await once(behind, 'listening');
    const upstream = new Upstream({ address: '127.0.0.1', port: (behind.address() as AddressInfo).port });
    const route: Route = {
      upstream,
      repeats: new Repeats(),
      composed: new Composed(),
      failed: async (why) => ({ status: 502, reason: 'Bad Gateway', fields: '', body: why }),
      finished: (status) => rig.finished.push(status),
    };
    const door = createServer({ allowHalfOpen: true }, (socket) => {
      const connection = new ClientConnection(
        socket,
        { address: '127.0.0.1', secure: false, port: 80 },
        {
          decide: ({ fields: { host } }) =>
            host === 'a.localhost'
              ? { kind: 'forward', route }
              : host === 'held.localhost'
                ? { kind: 'wait', until: rig.held.then(() => ({ kind: 'forward', route })) }
                : { kind: 'answer', answer: NOT_FOUND },
          connections: () => undefined,
        },
      );
      rig.connections.push(connection);
      rig.#sockets.push(socket);
    });
    const rig = new Rig(door);
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    t.after(() => {
      for (const peer of [...rig.#clients, ...rig.programs]) peer.socket.destroy();
      upstream.close();
      door.close();
      behind.close();
    });
    return rig;
  }

  client(): Peer {
    const peer = new Peer(connect((this.#door.address() as AddressInfo).port, '127.0.0.1'));
    this.#clients.push(peer);
    return peer;
  }

  /** Time passes: connections whose time is over end. The test's own clock stands still. */
  pass(ms: number): void {
    const now = performance.now() + ms;
    for (const connection of this.connections) if (connection.deadline < now) connection.expire();
  }

  /** What the program does with each of its connections. */
  onProgram(meet: (program: Peer) => void): void {
    this.#meet = meet;
  }

  /** From now on the program does not close its side because the engine closed its own. */
  halfOpen(): void {
    this.#halfOpen = true;
  }

  /** Bytes that the engine keeps for clients that do not read. */
  waiting(): number {
    return this.connections.reduce((sum, connection) => sum + connection.waiting, 0);
  }

  /** Bytes that the engine has read of a client; by its place in the order they came. */
  received(place: number): number {
    return this.#sockets[place]?.bytesRead ?? 0;
  }

  closed(place: number): boolean {
    return this.#sockets[place]?.closed ?? false;
  }

  /** The latest connection to the program that is open. */
  async program(): Promise<Peer> {
    const open = (): Peer | undefined => this.programs.findLast(({ socket }) => !socket.destroyed);
    await until(() => open() !== undefined);
    const found = open();
    assert.ok(found);
    return found;
  }
}
