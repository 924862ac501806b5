/**
 * One request and its reply: between a client connection and a connection to the program behind. Bytes flow both ways at once; who
 * reads slowly slows the other side and nobody else. A reply that broke off never looks complete. It must not know routes or TLS.
 */

import { type BodyReader, bodyReader } from './body-reader.ts';
import {
  composeInterim,
  composeRequest,
  composeResponse,
  composeSwitch,
  type Delivery,
  deliveryOf,
} from './compose.ts';
import type { Route } from './desk.ts';
import type { RequestHead } from './request-head.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream.ts';

/** As Node allows for a response by default doubled: development servers send large cookies. */
const MOST_HEAD = 32_768;
/** Below this a copy into one write costs less than a second write. */
const ONE_WRITE = 16_384;

const END_OF_HEAD = '\r\n\r\n';

/** What an exchange needs of its client. */
export interface ClientSide {
  /** False: it does not keep up; `clientDrained` follows. */
  write(head: string, body: readonly Buffer[], delivery: Delivery | null): boolean;
  pauseRequest(): void;
  resumeRequest(): void;
  /** The reply is written as a whole. */
  done(close: boolean): void;
  /** No reply has begun: this is said instead. */
  failed(why: string): void;
  /** The reply broke off. */
  abort(): void;
  /** From now on both sides are bytes. */
  splice(upstream: UpstreamConnection, rest: Buffer): void;
  now(): number;
}

type Phase = 'head' | 'body' | 'finished';

export class Exchange implements UpstreamUser {
  readonly #request: RequestHead;
  readonly #route: Route;
  readonly #client: ClientSide;
  readonly #text: string;
  readonly #began: number;
  #connection: UpstreamConnection;
  #phase: Phase = 'head';
  #pending: Buffer | null = null;
  #heard = false;
  #requestDone = false;
  #bodySent = false;
  #response: ResponseHead | null = null;
  #delivery: Delivery | null = null;
  #reader: BodyReader | null = null;

  constructor(request: RequestHead, route: Route, client: ClientSide, forwarded: string) {
    this.#request = request;
    this.#route = route;
    this.#client = client;
    this.#text = composeRequest(request, forwarded);
    this.#began = client.now();
    this.#connection = route.upstream.take(this, this.#began);
    this.#connection.socket.write(this.#text, 'latin1');
  }

  /** Content of the request's body; framed again, so that nothing but content of ours reaches the program. */
  requestBody(piece: Buffer): void {
    if (this.#phase === 'finished') return;
    this.#bodySent = true;
    const { socket } = this.#connection;
    let room: boolean;
    if (this.#request.framing.kind === 'chunked') {
      socket.cork();
      socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
      socket.write(piece);
      room = socket.write('\r\n', 'latin1');
      socket.uncork();
    } else room = socket.write(piece);
    if (!room) this.#client.pauseRequest();
  }

  requestDone(): void {
    this.#requestDone = true;
    if (this.#phase !== 'finished' && this.#request.framing.kind === 'chunked')
      this.#connection.socket.write('0\r\n\r\n', 'latin1');
  }

  get started(): boolean {
    return this.#phase !== 'head';
  }

  /** The client went, or sent what is no body. */
  abandon(): void {
    if (this.#phase === 'finished') return;
    this.#finish(0);
    this.#connection.user = null;
    this.#connection.socket.destroy();
  }

  clientDrained(): void {
    this.#connection.socket.resume();
  }

  connected(): void {
    // What was written before is on its way.
  }

  drained(): void {
    this.#client.resumeRequest();
  }

  data(bytes: Buffer): void {
    this.#heard = true;
    if (this.#phase === 'body') this.#body(bytes, 0, '');
    else this.#head(this.#pending === null ? bytes : Buffer.concat([this.#pending, bytes]));
  }

  ended(): void {
    if (this.#phase === 'body' && this.#response?.framing.kind === 'until-close')
      this.#complete('', [], false);
  }

  closed(error: NodeJS.ErrnoException | null): void {
    if (this.#phase === 'finished') return;
    if (this.#phase === 'body') {
      this.#finish(this.#response?.status ?? 0);
      this.#client.abort();
      return;
    }
    if (this.#mayRetry()) {
      this.#connection = this.#route.upstream.fresh(this);
      this.#connection.socket.write(this.#text, 'latin1');
      return;
    }
    this.#fail(error?.message ?? 'it closed the connection without a reply');
  }

  /** A connection that died while it was idle tells nothing about the request, as long as none of it can have been carried out. */
  #mayRetry(): boolean {
    return this.#connection.used && !this.#heard && !this.#bodySent && SAFE.has(this.#request.method);
  }

  #head(bytes: Buffer): void {
    let rest = bytes;
    for (;;) {
      const end = rest.indexOf(END_OF_HEAD, 0, 'latin1');
      if (end < 0) {
        this.#pending = rest;
        if (rest.length > MOST_HEAD) this.#fail(`its reply has a head of more than ${MOST_HEAD} bytes`);
        return;
      }
      const head = parseResponseHead(rest.toString('latin1', 0, end + 4), this.#request.method);
      if (typeof head === 'string') {
        this.#fail(`its reply is not HTTP/1.1: ${head}`);
        return;
      }
      rest = rest.subarray(end + 4);
      if (head.status >= 200) {
        this.#begin(head, rest);
        return;
      }
      if (head.status === 101) {
        this.#switch(head, rest);
        return;
      }
      if (this.#request.version === 1) this.#client.write(composeInterim(head), [], null);
    }
  }

  #begin(head: ResponseHead, rest: Buffer): void {
    this.#pending = null;
    this.#phase = 'body';
    this.#response = head;
    this.#delivery = deliveryOf(head, this.#request.version, this.#request.keepAlive && this.#requestDone);
    this.#reader = bodyReader(head.framing);
    this.#body(rest, 0, composeResponse(head, this.#delivery, this.#request.version));
  }

  #body(bytes: Buffer, from: number, head: string): void {
    const pieces: Buffer[] = [];
    const step = this.#reader?.read(bytes, from, (piece) => pieces.push(piece)) ?? 'no reader';
    if (typeof step === 'string') {
      if (head !== '' || pieces.length > 0) this.#client.write(head, pieces, this.#delivery);
      this.#connection.socket.destroy();
      return;
    }
    if (step.done) {
      this.#complete(head, pieces, step.end === bytes.length);
      return;
    }
    if (head === '' && pieces.length === 0) return;
    if (!this.#client.write(head, pieces, this.#delivery)) this.#connection.socket.pause();
  }

  /** `clean`: nothing follows on the connection that nobody asked for. */
  #complete(head: string, pieces: Buffer[], clean: boolean): void {
    const delivery = this.#delivery;
    const response = this.#response;
    if (delivery === null || response === null) return;
    this.#client.write(
      head,
      delivery.framing.kind === 'chunked' ? [...pieces, LAST_CHUNK] : pieces,
      delivery,
    );
    const now = this.#finish(response.status);
    const { upstream } = this.#route;
    if (clean && response.keepAlive && this.#requestDone)
      upstream.release(this.#connection, response.idleSeconds, now);
    else {
      this.#connection.user = null;
      this.#connection.socket.destroy();
    }
    this.#client.done(delivery.close || !this.#requestDone);
  }

  #switch(head: ResponseHead, rest: Buffer): void {
    if (this.#request.upgrade === null || head.upgrade === null) {
      this.#fail('it changed the protocol, and nobody had asked for that');
      return;
    }
    this.#finish(101);
    this.#client.write(composeSwitch(head), [], null);
    this.#client.splice(this.#connection, rest);
  }

  #fail(why: string): void {
    this.#finish(502);
    this.#connection.user = null;
    this.#connection.socket.destroy();
    this.#client.failed(why);
  }

  #finish(status: number): number {
    this.#phase = 'finished';
    const now = this.#client.now();
    this.#route.finished(status, now - this.#began);
    return now;
  }
}

/** RFC 9110 9.2.1. */
const SAFE = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Compared by identity: what stands behind the content of a chunked body. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** The bytes of a write as one string while they are few, else null. */
export function asOneText(head: string, pieces: readonly Buffer[], chunked: boolean): string | null {
  let size = head.length;
  for (const piece of pieces) size += piece.length + 12;
  if (size > ONE_WRITE) return null;
  let text = head;
  for (const piece of pieces)
    text +=
      chunked && piece !== LAST_CHUNK
        ? `${piece.length.toString(16)}\r\n${piece.toString('latin1')}\r\n`
        : piece.toString('latin1');
  return text;
}
