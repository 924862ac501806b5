/**
 * One client's connection: requests read one after the other, each handed to an exchange, replies written in that order. A client
 * that sends what is no request, or sends it too slowly, loses its connection and nothing else. It must not know routes or TLS.
 */

import type { Socket } from 'node:net';
import { type BodyReader, bodyReader } from './body-reader.ts';
import {
  type Answer,
  composeAnswer,
  type Delivery,
  forwardedFields,
  isLoop,
  type Origin,
} from './compose.ts';
import type { Decision, Desk, Route } from './desk.ts';
import { asOneText, type ClientSide, Exchange, LAST_CHUNK } from './exchange.ts';
import { LOOP, REFUSALS, TOO_LARGE } from './refusals.ts';
import { isRefusal, parseRequestHead, type RequestHead } from './request-head.ts';
import { splice } from './splice.ts';
import type { UpstreamConnection } from './upstream.ts';

/** nginx and Node have 8 and 16 KB; development cookies grow beyond both. */
const MOST_HEAD = 32_768;
/** So much of the next request is read while one is under way. */
const MOST_AHEAD = 65_536;

/** In ms. */
const HEAD_MS = 30_000;
const IDLE_MS = 75_000;
const BODY_MS = 60_000;
const LINGER_MS = 2_000;

const NOTHING = Buffer.alloc(0);

export class ClientConnection implements ClientSide {
  readonly #socket: Socket;
  readonly #origin: Origin;
  readonly #desk: Desk;
  #buffer: Buffer = NOTHING;
  #head: RequestHead | null = null;
  #exchange: Exchange | null = null;
  #reader: BodyReader | null = null;
  #route: Route | null = null;
  #closing = false;
  /** Of `performance.now`: the connection ends then unless something comes before. */
  deadline: number;

  constructor(socket: Socket, origin: Origin, desk: Desk) {
    this.#socket = socket;
    this.#origin = origin;
    this.#desk = desk;
    this.deadline = this.now() + HEAD_MS;
    desk.connections(1);
    socket.on('data', (bytes: Buffer) => this.#data(bytes));
    socket.on('drain', () => this.#exchange?.clientDrained());
    socket.on('end', () => this.#ended());
    // An error is followed by the end of the socket, which is all that matters here.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  now(): number {
    return performance.now();
  }

  /** The deadline has passed. */
  expire(): void {
    if (this.#closing || this.#buffer.length === 0 || this.#exchange !== null) this.#socket.destroy();
    else this.#answer(REFUSALS[408], true);
  }

  write(head: string, body: readonly Buffer[], delivery: Delivery | null): boolean {
    const chunked = delivery?.framing.kind === 'chunked';
    const text = asOneText(head, body, chunked);
    if (text !== null) return this.#socket.write(text, 'latin1');
    this.#socket.cork();
    if (head !== '') this.#socket.write(head, 'latin1');
    let room = true;
    for (const piece of body) {
      const framed = chunked && piece !== LAST_CHUNK;
      if (framed) this.#socket.write(`${piece.length.toString(16)}\r\n`, 'latin1');
      room = this.#socket.write(piece);
      if (framed) room = this.#socket.write('\r\n', 'latin1');
    }
    this.#socket.uncork();
    return room;
  }

  pauseRequest(): void {
    this.#socket.pause();
  }

  resumeRequest(): void {
    this.#socket.resume();
  }

  done(close: boolean): void {
    this.#forget();
    if (close) {
      this.#end();
      return;
    }
    this.deadline = this.now() + IDLE_MS;
    this.#socket.resume();
    if (this.#buffer.length > 0) this.#advance();
  }

  failed(why: string): void {
    const route = this.#route;
    if (route === null) throw new Error('an exchange failed without a route');
    const head = this.#head;
    const close = this.#reader !== null || head?.keepAlive === false;
    this.#exchange = null;
    this.#reader = null;
    route.failed(why).then(
      (answer) => {
        if (this.#closing || this.#head !== head) return;
        this.#answer(answer, close);
        this.#advance();
      },
      () => this.#socket.destroy(),
    );
  }

  abort(): void {
    this.#forget();
    this.#closing = true;
    // A reset cannot be taken for the end of a body; under TLS the missing close_notify tells the same.
    this.#socket.resetAndDestroy();
  }

  splice(upstream: UpstreamConnection, rest: Buffer): void {
    const early = this.#buffer;
    this.#forget();
    this.deadline = Number.POSITIVE_INFINITY;
    this.#closing = true;
    for (const event of ['data', 'drain', 'end'] as const) this.#socket.removeAllListeners(event);
    splice(this.#socket, early, upstream.socket, rest);
  }

  #data(bytes: Buffer): void {
    if (this.#closing) return;
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    this.#advance();
  }

  #advance(): void {
    while (this.#buffer.length > 0 && !this.#closing) {
      if (this.#reader !== null && this.#exchange !== null) {
        if (!this.#readBody(this.#exchange, this.#reader)) return;
      } else if (this.#head !== null) {
        if (this.#buffer.length > MOST_AHEAD) this.#socket.pause();
        return;
      } else if (!this.#readHead()) return;
    }
  }

  /** False: more bytes are needed, or nothing more is wanted. */
  #readHead(): boolean {
    // One empty line before a request is to be passed over (RFC 9112 2.2); more are noise.
    const from = this.#buffer[0] === 0x0d && this.#buffer[1] === 0x0a ? 2 : 0;
    const end = this.#buffer.indexOf('\r\n\r\n', from, 'latin1');
    if (end < 0 || end > MOST_HEAD) {
      if (this.#buffer.length > MOST_HEAD) this.#answer(TOO_LARGE, true);
      else if (this.deadline - this.now() > HEAD_MS) this.deadline = this.now() + HEAD_MS;
      return false;
    }
    const head = parseRequestHead(this.#buffer.toString('latin1', from, end + 4));
    this.#buffer = end + 4 === this.#buffer.length ? NOTHING : this.#buffer.subarray(end + 4);
    if (isRefusal(head)) {
      this.#answer(REFUSALS[head.status], true);
      return false;
    }
    this.#head = head;
    this.deadline = Number.POSITIVE_INFINITY;
    this.#decided(isLoop(head) ? { kind: 'answer', answer: LOOP } : this.#desk.decide(head, this.#origin));
    return true;
  }

  #decided(decision: Decision): void {
    const head = this.#head;
    if (head === null || this.#closing) return;
    switch (decision.kind) {
      case 'answer':
        this.#answer(decision.answer, head.framing.kind !== 'none' || !head.keepAlive);
        return;
      case 'forward':
        this.#forward(head, decision.route);
        return;
      case 'wait':
        decision.until.then(
          (next) => {
            if (this.#head !== head) return;
            this.#decided(next);
            this.#advance();
          },
          () => this.#socket.destroy(),
        );
    }
  }

  #forward(head: RequestHead, route: Route): void {
    this.#route = route;
    this.#reader = head.framing.kind === 'none' ? null : bodyReader(head.framing);
    this.#exchange = new Exchange(head, route, this, forwardedFields(this.#origin, head.hostField));
    if (this.#reader === null) this.#exchange.requestDone();
    else if (head.framing.kind === 'length' && head.framing.length === 0) {
      this.#reader = null;
      this.#exchange.requestDone();
    }
  }

  /** False: all that came is handed on, and more is to come. */
  #readBody(exchange: Exchange, reader: BodyReader): boolean {
    const step = reader.read(this.#buffer, 0, (piece) => exchange.requestBody(piece));
    if (typeof step === 'string') {
      const replying = exchange.started;
      exchange.abandon();
      if (replying) this.abort();
      else this.#answer(REFUSALS[400], true);
      return false;
    }
    this.#buffer = step.end === this.#buffer.length ? NOTHING : this.#buffer.subarray(step.end);
    this.deadline = step.done ? Number.POSITIVE_INFINITY : this.now() + BODY_MS;
    if (!step.done) return false;
    this.#reader = null;
    exchange.requestDone();
    return true;
  }

  #answer(answer: Answer, close: boolean): void {
    const isHead = this.#head?.method === 'HEAD';
    this.#forget();
    this.#socket.write(composeAnswer(answer, { close, head: isHead }));
    if (close) this.#end();
    else this.deadline = this.now() + IDLE_MS;
  }

  #forget(): void {
    this.#head = null;
    this.#exchange = null;
    this.#reader = null;
    this.#route = null;
  }

  /** Reads on for a moment: closing with unread bytes would be a reset, which can destroy the reply on its way. */
  #end(): void {
    this.#closing = true;
    this.#buffer = NOTHING;
    this.deadline = this.now() + LINGER_MS;
    this.#socket.end();
    this.#socket.resume();
  }

  /**
   * It sent its last byte. Nobody can tell a half-closed client from one that went, and those that go are the many: a program must not
   * work on for a tab that was closed. nginx decides the same.
   */
  #ended(): void {
    this.#exchange?.abandon();
    this.#forget();
    this.#closing = true;
    this.#socket.end();
  }

  #closed(): void {
    this.#closing = true;
    const exchange = this.#exchange;
    this.#forget();
    exchange?.abandon();
    this.#desk.connections(-1);
  }
}
