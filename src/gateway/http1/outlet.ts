/**
 * What is written to one socket. What the system takes at once goes past Node's `Writable`, whose queue and tick cost a third of a
 * request (docs/notes/gateway-speed.md); everything else is kept there, in its order. It must not know what is said.
 */

import type { Socket } from 'node:net';

export class Outlet {
  readonly socket: Socket;
  /** After a write that said false: everything is on its way. */
  drained: () => void;
  /** TLS takes nothing at once, and one write at a time: Node ends the process at a second. */
  readonly #direct: boolean;
  /** Bytes of the one write past `Writable` that is not over. */
  #pending = 0;
  /** That write is being handed over: the system may take it before we return. */
  #handing = false;
  #tookAtOnce = false;
  /** Somebody was told that it does not keep up, and `Writable` will not tell when it does. */
  #owesDrain = false;
  /** What is to be called when all is written; null: it goes on. */
  #ending: (() => void) | null = null;
  /** Made once, as each write needs it. */
  readonly #written = (error?: Error | null): void => this.#over(error ?? null);

  constructor(socket: Socket, drained: () => void) {
    this.socket = socket;
    this.#direct = !('encrypted' in socket);
    this.drained = drained;
    socket.on('drain', () => this.drained());
  }

  /** A text is latin1; a buffer belongs to the socket from now on. False: it does not keep up. */
  write(data: string | Buffer): boolean {
    const { socket } = this;
    const encoding = typeof data === 'string' ? 'latin1' : 'buffer';
    if (!this.#direct || this.#pending > 0 || !isIdle(socket)) return this.#queue(data, encoding);
    if (data.length === 0) return true;
    this.#handing = true;
    this.#tookAtOnce = false;
    // What `Writable` itself would call; `net.Socket` hands it to the system.
    socket._write(data, encoding as BufferEncoding, this.#written);
    this.#handing = false;
    if (this.#tookAtOnce) return true;
    this.#pending = data.length;
    return this.#room();
  }

  /** Behind all that was written. `finished`: it is on its way, or never will be. */
  end(finished: () => void = nothing): void {
    // `Writable` knows nothing of a write past it, and would close the socket's side before that is over.
    if (this.#pending > 0) this.#ending = finished;
    else this.socket.end(finished);
  }

  get ended(): boolean {
    return this.#ending !== null || this.socket.writableEnded;
  }

  #queue(data: string | Buffer, encoding: BufferEncoding | 'buffer'): boolean {
    const room = encoding === 'buffer' ? this.socket.write(data) : this.socket.write(data, 'latin1');
    return room && this.#room();
  }

  #room(): boolean {
    const room = this.#pending < this.socket.writableHighWaterMark;
    if (!room) this.#owesDrain = true;
    return room;
  }

  #over(error: Error | null): void {
    if (error !== null) this.socket.destroy(error);
    if (this.#handing) {
      this.#tookAtOnce = true;
      return;
    }
    this.#pending = 0;
    const ending = this.#ending;
    this.#ending = null;
    if (ending !== null) this.socket.end(ending);
    if (!this.#owesDrain) return;
    this.#owesDrain = false;
    if (!this.socket.destroyed && !this.socket.writableNeedDrain) this.drained();
  }
}

/** Else `Writable` has something to keep, or knows what to do about a socket that is closing or broken. */
function isIdle(socket: Socket): boolean {
  return socket.writableLength === 0 && !socket.connecting && socket.writable;
}

function nothing(): void {
  // Nobody waits for it.
}
