/**
 * A socket that bytes are written to, with what it has not handed to the system yet: that must not be lost when another process goes on.
 * It must not know where bytes come from.
 */

import type { Socket } from 'node:net';
import type { Target } from '../links/lane.ts';
import { handleOf } from './handle.ts';

export class Outflow implements Target {
  readonly #socket: Socket;
  /** The last that was written: at least all that is under way. */
  #kept: Buffer[] = [];
  #keptBytes = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('drain', () => this.#forget());
  }

  get writableLength(): number {
    return this.#socket.writableLength;
  }

  get writableNeedDrain(): boolean {
    return this.#socket.writableNeedDrain;
  }

  on(event: 'drain', listener: () => void): void {
    this.#socket.on(event, listener);
  }

  write(bytes: Buffer): void {
    const socket = this.#socket;
    socket.write(bytes);
    if (socket.writableLength > 0) this.#keep(bytes, socket.writableLength);
    else if (this.#keptBytes > 0) this.#forget();
  }

  /** What the system has not taken; null: nothing. True as long as nothing else is done with the socket but to destroy it. */
  rest(): Buffer | null {
    const handle = handleOf(this.#socket);
    if (handle === null || this.#socket.writableLength === 0) return null;
    const left = this.#socket.bytesWritten - handle.bytesWritten + handle.writeQueueSize;
    return left === 0 ? null : Buffer.concat(this.#kept).subarray(this.#keptBytes - left);
  }

  /** `underWay`: bytes, part of which the system may have taken. */
  #keep(bytes: Buffer, underWay: number): void {
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    for (let first = this.#kept[0]; first !== undefined; [first] = this.#kept) {
      if (this.#keptBytes - first.length < underWay) return;
      this.#kept.shift();
      this.#keptBytes -= first.length;
    }
  }

  #forget(): void {
    this.#kept = [];
    this.#keptBytes = 0;
  }
}
