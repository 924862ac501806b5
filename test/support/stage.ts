/**
 * Directs actors (`test/fixtures/programs/actor.mjs`): real processes that do nothing but what the test says, and say when it is
 * done. It must not know how they are started.
 */

import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fixture } from './paths.ts';

/** To be run by Node. */
export const ACTOR = fixture('programs', 'actor.mjs');

export interface ForkHow {
  readonly role: string;
  readonly session?: boolean;
  readonly orphan?: boolean;
  readonly bare?: boolean;
}

/** How the actor answers one command. */
interface Reply {
  readonly done?: string;
  readonly value?: unknown;
  readonly failed?: string;
  readonly reason?: string;
}

export class Actor {
  readonly role: string;
  readonly pid: number;
  readonly #socket: Socket;
  readonly #waiting: ((reply: Reply) => void)[] = [];

  constructor(role: string, pid: number, socket: Socket) {
    this.role = role;
    this.pid = pid;
    this.#socket = socket;
  }

  /** Port 0: any free one. Gives the port. `host` undefined: every address. */
  async listen(host: string | undefined, port: number): Promise<number> {
    return (await this.does('listen', { host, port })) as number;
  }

  /** As `listen`, speaking HTTP. */
  async serve(host: string | undefined, port: number): Promise<number> {
    return (await this.does('serve', { host, port })) as number;
  }

  /** Resolves once it was done; fails the test when it could not be. */
  async does(name: string, options: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
    const reply = new Promise<Reply>((resolve) => this.#waiting.push(resolve));
    this.#socket.write(`${JSON.stringify({ does: name, ...options })}\n`);
    const { failed, reason, value } = await reply;
    assert.equal(failed, undefined, `${this.role} could not ${name}: ${reason}`);
    return value;
  }

  take(reply: Reply): void {
    this.#waiting.shift()?.(reply);
  }

  /** It ended: what it was told to do is not going to happen. */
  gone(): void {
    for (const resolve of this.#waiting.splice(0)) resolve({ failed: '', reason: 'it ended' });
  }
}

export class Stage {
  readonly #server: Server;
  readonly #socketPath: string;
  readonly #actors = new Map<string, Actor>();
  readonly #awaited = new Map<string, (actor: Actor) => void>();
  readonly #sockets = new Set<Socket>();

  private constructor(server: Server, socketPath: string) {
    this.#server = server;
    this.#socketPath = socketPath;
    server.on('connection', (socket) => this.#meet(socket));
  }

  /** `directory`: for the socket; short. */
  static async open(directory: string): Promise<Stage> {
    const server = createServer();
    const path = join(directory, 'stage');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return new Stage(server, path);
  }

  /** What an actor's environment must hold. */
  variables(role: string): Record<string, string> {
    return { ACTOR_SOCKET: this.#socketPath, ACTOR_ROLE: role };
  }

  /** Resolves when the actor of that name is there and waits for commands. */
  actor(role: string): Promise<Actor> {
    const known = this.#actors.get(role);
    if (known !== undefined) return Promise.resolve(known);
    return new Promise((resolve) => this.#awaited.set(role, resolve));
  }

  async fork(parent: Actor, how: ForkHow): Promise<Actor> {
    await parent.does('fork', { ...how });
    return await this.actor(how.role);
  }

  /** All actors end by themselves when their socket closes. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #meet(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    let actor: Actor | null = null;
    socket.on('close', () => actor?.gone());
    createInterface({ input: socket }).on('line', (line) => {
      if (actor !== null) {
        actor.take(JSON.parse(line) as Reply);
        return;
      }
      const { role, pid } = JSON.parse(line) as { role: string; pid: number };
      actor = new Actor(role, pid, socket);
      this.#actors.set(role, actor);
      this.#awaited.get(role)?.(actor);
    });
  }
}
