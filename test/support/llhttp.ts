/** Bytes as Node's own parser reads them, strictly and without a socket: the second opinion on what our engine accepts. */

import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

export interface Heard {
  readonly method: string;
  readonly target: string;
  /** Names and values as they came, by turns. */
  readonly fields: readonly string[];
  /** Latin1. */
  body: string;
  whole: boolean;
}

export interface Reading {
  readonly requests: readonly Heard[];
  /** llhttp's code of what it refused; null: nothing. */
  readonly error: string | null;
}

export class Llhttp {
  readonly #server: Server;
  readonly #readings = new WeakMap<object, { requests: Heard[]; error: string | null }>();

  constructor() {
    this.#server = createServer({ maxHeaderSize: 65_536, insecureHTTPParser: false, noDelay: false });
    this.#server.on('request', (request, response) => {
      this.#readings.get(request.socket)?.requests.push(hear(request));
      response.end();
    });
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const reading = this.#readings.get(socket);
      // Not destroyed here: what was read whole before is still on its way to the listeners.
      if (reading !== undefined) reading.error ??= error.code ?? error.message;
    });
  }

  async read(bytes: Buffer): Promise<Reading> {
    const socket = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() });
    const reading = { requests: [] as Heard[], error: null as string | null };
    this.#readings.set(socket, reading);
    const closed = new Promise((resolve) => socket.once('close', resolve));
    this.#server.emit('connection', socket);
    socket.push(bytes);
    // What is read in one piece is answered first: the end of what came before must not be taken for its own.
    await turn();
    socket.push(null);
    await turn();
    await turn();
    socket.destroy();
    await closed;
    return reading;
  }
}

function hear(request: IncomingMessage): Heard {
  const heard = {
    method: request.method ?? '',
    target: request.url ?? '',
    fields: request.rawHeaders,
    body: '',
    whole: false,
  };
  request.setEncoding('latin1').on('data', (text: string) => {
    heard.body += text;
  });
  request.on('end', () => {
    heard.whole = request.complete;
  });
  // It broke off; that it is not whole says so.
  request.on('error', () => undefined);
  return heard;
}
