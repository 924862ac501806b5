/**
 * After a change of protocol both sides are bytes: each read is a write on the other side, and who is slow slows its partner. What one
 * side said before it ended still reaches the other; an abort of one is an abort of the other. It must not know what is said.
 */

import type { Outflow } from '../sockets/outflow.ts';
import { writeMessage } from './writing.ts';

/** In ms. */
const LINGER_MS = 2_000;

/** Bytes of one side; given to the other. Whoever reads the sockets calls it. */
export interface Splice {
  fromClient(bytes: Buffer): void;
  fromProgram(bytes: Buffer): void;
}

/** Takes over the `end`, `close` and `drained` of both. */
export function splice(client: Outflow, program: Outflow, linger: (ms: number) => void): Splice {
  for (const { socket } of [client, program]) socket.removeAllListeners('end');
  follow(client, program, () => program.socket.destroy());
  // A client that is still reading what came last must have it whole: it has a while to close its side.
  follow(program, client, () => {
    client.socket.resume();
    if (client.socket.writableFinished) linger(LINGER_MS);
    else client.socket.once('finish', () => linger(LINGER_MS));
  });
  return { fromClient: carrier(client, program), fromProgram: carrier(program, client) };
}

function carrier(from: Outflow, to: Outflow): (bytes: Buffer) => void {
  return (bytes) => {
    if (to.socket.destroyed || to.ended) return;
    if (!writeMessage(to, { head: '', pieces: [bytes], chunked: false, last: false })) from.socket.pause();
  };
}

function follow(from: Outflow, to: Outflow, ended: () => void): void {
  to.drained = () => from.socket.resume();
  from.socket.on('end', () => to.end());
  from.socket.on('close', () => {
    if (to.socket.destroyed) return;
    if (from.socket.readableEnded && from.socket.errored === null) ended();
    else to.reset();
  });
}
