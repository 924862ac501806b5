/**
 * Connections to one program behind us, kept for the next request. It must not know what is said on them, nor HTTP beyond "idle".
 */

import { connect, type Socket } from 'node:net';
import { Outflow } from '../sockets/outflow.ts';
import { readOptions, readPast } from '../sockets/reads.ts';
import { sharedReads } from './shared-reads.ts';

export interface UpstreamPlace {
  /** A loopback address. */
  readonly address: string;
  readonly port: number;
}

/** What a connection tells whoever uses it. */
export interface UpstreamUser {
  /** Valid until it returns. */
  data(bytes: Buffer): void;
  /** The program sent its last byte. */
  ended(): void;
  /** The connection is gone; null: without an error. */
  closed(error: NodeJS.ErrnoException | null): void;
  drained(): void;
}

/** More idle connections than a development server's own limit help nobody. */
const MOST_IDLE = 256;
/** Node closes an idle connection after 5 s, most others later: a second less, so that we are the first. In ms. */
const IDLE_MS = 4000;

export class UpstreamConnection {
  readonly socket: Socket;
  readonly outflow: Outflow;
  /** It has carried a request before. */
  used = false;
  /** Epoch of `performance.now`, when it is too old to be used again. */
  expires = 0;
  user: UpstreamUser | null;
  #error: NodeJS.ErrnoException | null = null;

  constructor(place: UpstreamPlace, user: UpstreamUser, gone: (connection: UpstreamConnection) => void) {
    this.user = user;
    const reads = sharedReads((bytes) => {
      // Bytes that nobody asked for: whatever they are, the next answer could not be told from them.
      if (this.user === null) this.socket.destroy();
      else this.user.data(bytes);
    });
    this.socket = connect({
      host: place.address,
      port: place.port,
      noDelay: true,
      onread: readOptions(reads),
    });
    readPast(this.socket, reads);
    this.outflow = new Outflow(this.socket, () => this.user?.drained());
    this.socket.on('end', () => {
      if (this.user === null) this.socket.destroy();
      else this.user.ended();
    });
    this.socket.on('error', (error) => {
      this.#error = error;
    });
    this.socket.on('close', () => {
      gone(this);
      this.user?.closed(this.#error);
      this.user = null;
    });
  }
}

/** All connections to one program. The last one used is the next one used, so that the others can grow old. */
export class Upstream {
  readonly place: UpstreamPlace;
  readonly #idle: UpstreamConnection[] = [];

  constructor(place: UpstreamPlace) {
    this.place = place;
  }

  /** A connection for this user: an idle one at once, or a new one, which says when it is connected. */
  take(user: UpstreamUser, now: number): UpstreamConnection {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      if (idle.expires < now || idle.socket.destroyed || !idle.socket.writable) {
        idle.socket.destroy();
        continue;
      }
      idle.user = user;
      return idle;
    }
    return this.fresh(user);
  }

  fresh(user: UpstreamUser): UpstreamConnection {
    return new UpstreamConnection(this.place, user, (gone) => this.#forget(gone));
  }

  /** `idleSeconds`: what the program said about its patience. */
  release(connection: UpstreamConnection, idleSeconds: number | null, now: number): void {
    connection.user = null;
    connection.used = true;
    const patience = idleSeconds === null ? IDLE_MS : Math.min(60_000, idleSeconds * 1000 - 1000);
    if (this.#idle.length >= MOST_IDLE || patience <= 0) {
      connection.socket.destroy();
      return;
    }
    connection.expires = now + patience;
    this.#idle.push(connection);
  }

  /** One that the program closed must not keep the place of one that can be used. */
  #forget(connection: UpstreamConnection): void {
    const at = connection.user === null ? this.#idle.indexOf(connection) : -1;
    if (at >= 0) this.#idle.splice(at, 1);
  }

  /** Closes those that are too old. The oldest lie at the bottom. */
  sweep(now: number): void {
    let old = 0;
    while (old < this.#idle.length && (this.#idle[old]?.expires ?? 0) < now) old += 1;
    for (const connection of this.#idle.splice(0, old)) connection.socket.destroy();
  }

  close(): void {
    for (const connection of this.#idle.splice(0)) connection.socket.destroy();
  }
}
