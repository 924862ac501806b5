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
import { whyNoReply } from './noise.ts';
import type { RequestHead } from './request-head.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';
import type { UpstreamConnection, UpstreamUser } from './upstream.ts';
import { type WholeReply, wholeReply } from './whole-reply.ts';
import { type Outgoing, writeMessage } from './writing.ts';

/** As Node allows for a response by default doubled: development servers send large cookies. */
const MOST_HEAD = 32_768;
const END_OF_HEAD = '\r\n\r\n';
const NO_PIECES: readonly Buffer[] = [];

/** What an exchange needs of its client. */
export interface ClientSide {
  /** False: it does not keep up; `clientDrained` follows. */
  write(outgoing: Outgoing): boolean;
  pauseRequest(): void;
  resumeRequest(): void;
  /** The reply is written as a whole; `now`: as this side has it. */
  done(close: boolean, now: number): void;
  /** No reply has begun: this is said instead. */
  failed(why: string): void;
  /** The reply broke off. */
  abort(): void;
  /** From now on both sides are bytes. */
  splice(program: UpstreamConnection, rest: Buffer): void;
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

  /** `fields`: by `composeFields`. */
  constructor(request: RequestHead, route: Route, client: ClientSide, fields: string) {
    this.#request = request;
    this.#route = route;
    this.#client = client;
    this.#text = composeRequest(request, fields);
    this.#began = client.now();
    this.#connection = route.upstream.take(this, this.#began);
    this.#connection.outflow.write(this.#text);
  }

  /** Content of the request's body; framed again, so that nothing but content of ours reaches the program. */
  requestBody(pieces: readonly Buffer[], last: boolean): void {
    this.#requestDone = last;
    if (this.#phase === 'finished') return;
    const chunked = this.#request.fields.framing.kind === 'chunked';
    if (pieces.length === 0 && !(last && chunked)) return;
    this.#bodySent = true;
    if (!writeMessage(this.#connection.outflow, { head: '', pieces, chunked, last }))
      this.#client.pauseRequest();
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

  drained(): void {
    this.#client.resumeRequest();
  }

  data(bytes: Buffer): void {
    this.#heard = true;
    if (this.#phase === 'body') this.#body(bytes, '');
    else if (this.#pending !== null) this.#head(Buffer.concat([this.#pending, bytes]));
    else {
      const whole = wholeReply(bytes, this.#request.method, this.#route.repeats);
      if (whole === null) this.#head(bytes);
      else this.#whole(whole);
    }
  }

  ended(): void {
    if (this.#phase === 'body' && this.#response?.framing.kind === 'until-close')
      this.#complete('', NO_PIECES, false);
    // It may still take what we send, and wait for that forever; there will be no reply.
    else this.#connection.socket.destroy();
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
      this.#connection.outflow.write(this.#text);
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
      if (end < 0 || end > MOST_HEAD) {
        this.#wait(rest);
        return;
      }
      const bytes = rest.subarray(0, end + 4);
      const text = bytes.toString('latin1');
      const head = parseResponseHead({ bytes, text }, this.#request.method, this.#route.repeats);
      rest = rest.subarray(end + 4);
      this.#pending = null;
      if (typeof head === 'string') this.#fail(`its reply is not HTTP/1.1: ${head}`);
      else if (head.status === 101) this.#switch(head, rest);
      else if (head.status >= 200) this.#begin(head, rest);
      else {
        if (this.#request.version === 1) this.#tell(composeInterim(head), NO_PIECES);
        continue;
      }
      return;
    }
  }

  /** For the rest of a head, if one can still come of it. */
  #wait(bytes: Buffer): void {
    const wrong =
      bytes.length > MOST_HEAD ? `its reply has a head of more than ${MOST_HEAD} bytes` : whyNoReply(bytes);
    if (wrong !== null) this.#fail(wrong);
    // What is read is ours until we return.
    else this.#pending = Buffer.from(bytes);
  }

  #begin(head: ResponseHead, rest: Buffer): void {
    const text = this.#deliver(head);
    this.#reader = bodyReader(head.framing);
    this.#body(rest, text);
  }

  #whole({ head, body }: WholeReply): void {
    this.#complete(this.#deliver(head) + body, NO_PIECES, true);
  }

  /** The head as the client is sent it. */
  #deliver(head: ResponseHead): string {
    const { version, fields } = this.#request;
    const delivery = deliveryOf(head, version, fields.keepAlive && this.#requestDone);
    this.#phase = 'body';
    this.#response = head;
    this.#delivery = delivery;
    if (version === 0 || delivery.close) return composeResponse(head, delivery, version);
    const { composed } = this.#route;
    return composed.find(head) ?? composed.keep(head, composeResponse(head, delivery, version));
  }

  #body(bytes: Buffer, head: string): void {
    const pieces: Buffer[] = [];
    const step = this.#reader?.read(bytes, 0, (piece) => pieces.push(piece)) ?? 'no reader';
    if (typeof step === 'string') {
      this.#tell(head, pieces);
      this.#connection.socket.destroy();
    } else if (step.done) this.#complete(head, pieces, step.end === bytes.length);
    else this.#tell(head, pieces);
  }

  #tell(head: string, pieces: readonly Buffer[]): void {
    if (head === '' && pieces.length === 0) return;
    const chunked = this.#delivery?.framing.kind === 'chunked';
    if (!this.#client.write({ head, pieces, chunked, last: false })) this.#connection.socket.pause();
  }

  /** `clean`: nothing follows on the connection that nobody asked for. */
  #complete(head: string, pieces: readonly Buffer[], clean: boolean): void {
    const delivery = this.#delivery;
    const response = this.#response;
    if (delivery === null || response === null) return;
    this.#client.write({ head, pieces, chunked: delivery.framing.kind === 'chunked', last: true });
    const now = this.#finish(response.status);
    const { upstream } = this.#route;
    const whole = clean && this.#requestDone && this.#request.fields.upgrade === null;
    if (whole && response.keepAlive) upstream.release(this.#connection, response.idleSeconds, now);
    else {
      this.#connection.user = null;
      this.#connection.socket.destroy();
    }
    this.#client.done(delivery.close || !this.#requestDone, now);
  }

  #switch(head: ResponseHead, rest: Buffer): void {
    // A request that is not over would go on as bytes of the new protocol.
    if (!this.#requestDone || !isOffered(head.upgrade, this.#request.fields.upgrade)) {
      this.#fail('it changed the protocol, and nobody had asked for that');
      return;
    }
    this.#finish(101);
    this.#client.write({ head: composeSwitch(head), pieces: NO_PIECES, chunked: false, last: true });
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

function isOffered(taken: string | null, offered: string | null): boolean {
  if (taken === null || offered === null) return false;
  const name = taken.toLowerCase();
  return offered
    .toLowerCase()
    .split(',')
    .some((one) => one.trim() === name);
}
