/** A reply as Node's own client reads it, strictly and without a socket: the second opinion on what our engine delivers. */

import { type IncomingMessage, request } from 'node:http';
import { Duplex } from 'node:stream';

export interface HeardReply {
  readonly status: number;
  /** Latin1. */
  readonly body: string;
  readonly whole: boolean;
}

/** Null: it is refused, or a change of protocol. `bytes` are all that the program sends before it closes. */
export function readReply(bytes: Buffer, method: string): Promise<HeardReply | null> {
  const socket = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });
  const asked = request({ method, createConnection: () => socket, insecureHTTPParser: false });
  const answer = new Promise<HeardReply | null>((resolve) => {
    asked.on('response', (reply) => resolve(hear(reply)));
    asked.on('upgrade', () => resolve(null));
    // What it cannot read, and what is not there.
    asked.on('error', () => resolve(null));
    asked.on('close', () => resolve(null));
  });
  asked.end();
  socket.push(bytes);
  socket.push(null);
  return answer.finally(() => socket.destroy());
}

function hear(reply: IncomingMessage): Promise<HeardReply> {
  let body = '';
  reply.setEncoding('latin1').on('data', (text: string) => {
    body += text;
  });
  return new Promise((resolve) => {
    // It broke off; that it is not whole says so.
    reply.on('error', () => undefined);
    reply.on('close', () => resolve({ status: reply.statusCode ?? 0, body, whole: reply.complete }));
  });
}
