/**
 * How bytes come out of a socket at the least cost: read into a buffer that is there already, without a stream between. Small reads
 * share one buffer and are copied out; a connection that carries much has a large one for itself. It must not know where bytes go.
 */

import { type OnReadOpts, Socket } from 'node:net';
import { type Reads, readOptions, readPast } from '../sockets/reads.ts';

/** What a read gives at most before a connection has shown that it carries much. */
const SHARED = Buffer.allocUnsafeSlow(65_536);
/** Four times fewer turns for as many bytes (docs/notes/links-speed.md). */
const LARGE = 262_144;
/** As many are in use at once, all links together: 16 MB. Others go on with the shared one. */
const MOST_LARGE = 64;
/** A read below this is copied: it would keep a large buffer for little. */
const LITTLE = 32_768;
/** So many little reads in a row, and the large buffer is given back. */
const PATIENCE = 8;

export interface Taker {
  /** It keeps bytes for later: each piece must be its own. */
  readonly keeps: boolean;
  /** True: the bytes are still needed when it returns. */
  take(bytes: Buffer): boolean;
}

let large = 0;

export class Reader implements Reads {
  /** For the socket that reads by it; `readFrom` follows. */
  readonly options: OnReadOpts = readOptions(this);
  readonly #taker: Taker;
  #current = SHARED;
  #little = 0;

  constructor(taker: Taker) {
    this.#taker = taker;
  }

  get buffer(): Buffer {
    return this.#current;
  }

  /** A socket that was made with the options. */
  readFrom(socket: Socket): void {
    readPast(socket, this);
  }

  /** Bytes that came another way, and belong to whoever gets them. */
  given(bytes: Buffer): void {
    this.#taker.take(bytes);
  }

  /** Its connection is gone. */
  close(): void {
    if (this.#current !== SHARED) large -= 1;
    this.#current = SHARED;
  }

  read(count: number): void {
    const buffer = this.#current;
    const piece = buffer.subarray(0, count);
    this.#size(count);
    if (buffer === SHARED || count < LITTLE || this.#taker.keeps) {
      this.#taker.take(Buffer.from(piece));
      return;
    }
    const kept = this.#taker.take(piece);
    // It may have been closed meanwhile.
    if (kept && this.#current === buffer) this.#current = Buffer.allocUnsafeSlow(LARGE);
  }

  /** Which buffer the next read gets. */
  #size(count: number): void {
    if (this.#current === SHARED) {
      if (count === SHARED.length && large < MOST_LARGE) this.#grow();
      return;
    }
    this.#little = count < LITTLE ? this.#little + 1 : 0;
    if (this.#little > PATIENCE) this.close();
  }

  #grow(): void {
    large += 1;
    this.#little = 0;
    this.#current = Buffer.allocUnsafeSlow(LARGE);
  }
}

/**
 * An accepted connection that reads by `reader`. Node offers that for connections that are made only, so its handle moves to a socket
 * of ours; where there is no such thing, the stream's own reads serve. `socket`: paused, nothing read yet.
 */
export function readBy(reader: Reader, socket: Socket): Socket {
  const owner = socket as { _handle?: unknown };
  const handle = owner._handle;
  if (handle === undefined || handle === null) return readAsStream(reader, socket);
  owner._handle = null;
  return socketOf(handle, reader);
}

/** A socket around a handle of another one; paused. */
export function socketOf(handle: unknown, reader: Reader): Socket {
  const socket = new Socket({
    handle,
    allowHalfOpen: true,
    pauseOnCreate: true,
    onread: reader.options,
  } as ConstructorParameters<typeof Socket>[0]);
  reader.readFrom(socket);
  return socket;
}

/** Each piece is a buffer of its own already. */
function readAsStream(reader: Reader, socket: Socket): Socket {
  socket.on('data', (bytes: Buffer) => reader.given(bytes));
  return socket;
}
