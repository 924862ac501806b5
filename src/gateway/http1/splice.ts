/**
 * After a change of protocol both sides are bytes: each read is a write on the other side, and who is slow slows its partner. What one
 * side said before it ended still reaches the other; an abort of one is an abort of the other. It must not know what is said.
 */

import type { Socket } from 'node:net';
import { writeMessage } from './writing.ts';

/** In ms. */
const LINGER_MS = 2_000;

/** Bytes of one side; given to the other. Whoever reads the sockets calls it. */
export interface Splice {
  fromClient(bytes: Buffer): void;
  fromProgram(bytes: Buffer): void;
}

/** Takes over the `end`, `drain` and `close` of both. */
export function splice(client: Socket, program: Socket, linger: (ms: number) => void): Splice {
  for (const side of [client, program])
    for (const event of ['end', 'drain'] as const) side.removeAllListeners(event);
  follow(client, program, () => program.destroy());
  // A client that is still reading what came last must have it whole: it has a while to close its side.
  follow(program, client, () => {
    client.resume();
    if (client.writableFinished) linger(LINGER_MS);
    else client.once('finish', () => linger(LINGER_MS));
  });
  return { fromClient: carrier(client, program), fromProgram: carrier(program, client) };
}

function carrier(from: Socket, to: Socket): (bytes: Buffer) => void {
  return (bytes) => {
    if (to.destroyed || to.writableEnded) return;
    if (!writeMessage(to, { head: '', pieces: [bytes], chunked: false, last: false })) from.pause();
  };
}

function follow(from: Socket, to: Socket, ended: () => void): void {
  to.on('drain', () => from.resume());
  from.on('end', () => to.end());
  from.on('close', () => {
    if (to.destroyed) return;
    if (from.readableEnded && from.errored === null) ended();
    else abort(to);
  });
}

/**
 * A reset cannot be taken for the end of what was said. Node's own `resetAndDestroy` first writes what waits, and ends; a field makes
 * `destroy` reset at once. Under TLS there is none, and the missing close_notify tells the same.
 */
export function abort(socket: Socket & { resetAndClosing?: boolean }): void {
  if (!('encrypted' in socket) && !socket.connecting) socket.resetAndClosing = true;
  socket.destroy();
}
