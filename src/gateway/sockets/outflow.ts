/**
 * What is written to one socket. The system takes it at once nearly always; so it is given to the system without Node's `Writable`, whose
 * queue, tick and objects cost more than all that we do for a request (docs/notes/gateway-speed.md). What the system does not take is
 * kept here, in its order, and is known: another process can go on from there. It must not know what is said.
 */

import type { Socket } from 'node:net';
import { getSystemErrorName } from 'node:util';
import { type Handle, handleOf, INSIDE, type WriteRequest } from './inside.ts';
import { reset } from './reset.ts';
import { type Holds, Turn } from './turn.ts';

/** A text that is longer leaves at once. */
const MOST_HELD = 4096;
const TURN = new Turn(setImmediate);

export class Outflow implements Holds {
  readonly socket: Socket;
  /** Under TLS no write is over at once, and a text would be copied into a store that is made for it. */
  readonly #secure: boolean;
  /** Looked at once: what it is does not change. */
  #handle: Handle | null = null;
  /** After it was full: everything is on its way. */
  drained: () => void;
  /** The write that is not over. */
  #underWay: string | Buffer | null = null;
  readonly #kept: (string | Buffer)[] = [];
  /** Of both, in bytes. */
  #waiting = 0;
  /** Leaves at the end of the turn, before anything else; only while nothing is under way. */
  #held = '';
  /** Somebody was told that it does not keep up. */
  #owesDrain = false;
  /** What is to be called when all is written and ended; null: it goes on. */
  #ending: (() => void) | null = null;

  constructor(socket: Socket, drained: () => void = nothing) {
    this.socket = socket;
    this.#secure = 'encrypted' in socket;
    this.drained = drained;
    socket.on('drain', () => this.drained());
  }

  /** A text is latin1; a buffer belongs to the socket until it waits no more. False: it does not keep up. */
  write(data: string | Buffer): boolean {
    if (data.length === 0) return !this.isFull;
    if (this.#underWay !== null) return this.#keep(data);
    if (typeof data === 'string' && this.#holds(data)) {
      this.#held += data;
      return true;
    }
    this.flush();
    return this.#underWay === null ? this.#give(data) : this.#keep(data);
  }

  /** What is held leaves now. */
  flush(): void {
    const text = this.#held;
    if (text === '') return;
    this.#held = '';
    this.#give(text);
  }

  /** What was written before is on its way, and nobody takes it for all. */
  reset(): void {
    this.flush();
    reset(this.socket);
  }

  /** Bytes that the system has not taken, or may not have. */
  get waiting(): number {
    return this.#held.length + this.#waiting + this.socket.writableLength;
  }

  /** It was said so, and `drained` follows. */
  get isFull(): boolean {
    return this.#owesDrain || this.socket.writableNeedDrain;
  }

  /** Behind all that was written, and not before: an end that waits could not be turned into a reset. `finished`: it is on its way, or never will be. */
  end(finished: () => void = nothing): void {
    this.flush();
    this.#ending = finished;
    if (this.#underWay !== null) return;
    if (this.socket.writableLength > 0) this.socket.write('', () => this.#end());
    else this.#end();
  }

  get ended(): boolean {
    return this.#ending !== null || this.socket.writableEnded;
  }

  /** What the system has not taken; null: nothing. True while nothing else is done with the socket but to destroy it. */
  rest(): Buffer | null {
    this.flush();
    const handle = handleOf(this.socket);
    if (handle === null || this.#underWay === null) return null;
    const begun = bytesOf(this.#underWay);
    const left = Buffer.concat([
      begun.subarray(begun.length - handle.writeQueueSize),
      ...this.#kept.map(bytesOf),
    ]);
    return left.length > 0 ? left : null;
  }

  #holds(text: string): boolean {
    return this.#handle !== null && this.#held.length + text.length <= MOST_HELD && TURN.hold(this);
  }

  #give(data: string | Buffer): boolean {
    const handle = this.#idle();
    if (handle !== null) return this.#hand(handle, data);
    return typeof data === 'string' ? this.socket.write(data, 'latin1') : this.socket.write(data);
  }

  /** Null: `Writable` has something to keep, or knows what to do about a socket that is closing or broken. */
  #idle(): Handle | null {
    const { socket } = this;
    if (socket.writableLength > 0 || socket.connecting || !socket.writable) return null;
    this.#handle ??= handleOf(socket);
    return this.#handle;
  }

  #keep(data: string | Buffer): boolean {
    this.#kept.push(data);
    this.#waiting += data.length;
    return this.#room();
  }

  #hand(handle: Handle, given: string | Buffer): boolean {
    const request = requestOf(this);
    const data = this.#secure && typeof given === 'string' ? Buffer.from(given, 'latin1') : given;
    this.#underWay = data;
    const status =
      typeof data === 'string' ? handle.writeLatin1String(request, data) : handle.writeBuffer(request, data);
    if (status === 0 && wroteLater()) {
      this.#waiting += data.length;
      return this.#room();
    }
    this.#underWay = null;
    if (status === 0) giveBack(request);
    else this.socket.destroy(failure(status));
    return true;
  }

  #room(): boolean {
    const room = this.#waiting < this.socket.writableHighWaterMark;
    if (!room) this.#owesDrain = true;
    return room;
  }

  /** The write that was under way is over. */
  over(status: number, error: Error | undefined): void {
    this.#waiting -= this.#underWay?.length ?? 0;
    this.#underWay = null;
    if (status !== 0) this.socket.destroy(error ?? failure(status));
    this.#handKept();
    if (this.#underWay !== null) return;
    if (this.#ending !== null) this.#end();
    if (!this.#owesDrain) return;
    this.#owesDrain = false;
    if (!this.socket.destroyed) this.drained();
  }

  #handKept(): void {
    while (this.#underWay === null && this.#kept.length > 0) {
      const next = this.#next();
      this.#waiting -= next.length;
      const handle = this.#idle();
      if (handle !== null) this.#hand(handle, next);
    }
  }

  /** Texts that follow each other travel together. */
  #next(): string | Buffer {
    const buffer = this.#kept.findIndex((data) => typeof data !== 'string');
    if (buffer === 0) return this.#kept.shift() ?? '';
    return this.#kept.splice(0, buffer < 0 ? this.#kept.length : buffer).join('');
  }

  #end(): void {
    this.socket.end(this.#ending ?? nothing);
  }
}

interface Request extends WriteRequest {
  outflow: Outflow | null;
}

/** The last one that the system took at once: to make one costs as much as to write by it. */
let spare: Request | null = null;

function requestOf(outflow: Outflow): Request {
  const request = spare ?? newRequest();
  spare = null;
  request.outflow = outflow;
  return request;
}

function giveBack(request: Request): void {
  request.outflow = null;
  spare = request;
}

function newRequest(): Request {
  if (INSIDE === null) throw new Error('a write past Node’s streams in a Node that is not known');
  const request = new INSIDE.WriteRequest() as Request;
  request.outflow = null;
  request.oncomplete = oncomplete;
  return request;
}

function oncomplete(this: Request, status: number, _handle: Handle, error?: Error): void {
  this.outflow?.over(status, error);
}

function wroteLater(): boolean {
  return INSIDE !== null && INSIDE.state[INSIDE.wroteLater] !== 0;
}

function failure(status: number): Error {
  const code = getSystemErrorName(status);
  return Object.assign(new Error(`write ${code}`), { code, errno: status, syscall: 'write' });
}

function bytesOf(data: string | Buffer): Buffer {
  return typeof data === 'string' ? Buffer.from(data, 'latin1') : data;
}

function nothing(): void {
  // Nobody waits for it.
}
