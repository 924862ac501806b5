/**
 * One client's connection: requests read one after the other, each handed to an exchange, replies written in that order. A client
 * that sends what is no request, or sends it too slowly, loses its connection and nothing else. It must not know routes or TLS.
 */

import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { Outflow } from '../sockets/outflow.ts';
import { type BodyReader, bodyReader } from './body-reader.ts';
import { type Answer, composeAnswer, isLoop, type Origin } from './compose.ts';
import type { Decision, Desk, Route } from './desk.ts';
import { type ClientSide, Exchange } from './exchange.ts';
import { nextRequest } from './next-request.ts';
import { PassedFields } from './passed-fields.ts';
import { HEAD_MS, LINGER_MS, patienceFor, STALL_MS } from './patience.ts';
import { LOOP, REFUSALS } from './refusals.ts';
import { Repeats } from './repeats.ts';
import type { RequestFields, RequestHead } from './request-head.ts';
import { readShared } from './shared-reads.ts';
import { type Splice, splice } from './splice.ts';
import type { UpstreamConnection } from './upstream.ts';
import { type Outgoing, writeMessage } from './writing.ts';

/** So much of the next request is read while one is under way. */
const MOST_AHEAD = 65_536;

const NOTHING = Buffer.alloc(0);

export class ClientConnection implements ClientSide {
  readonly #socket: Socket;
  readonly #outflow: Outflow;
  readonly #origin: Origin;
  readonly #desk: Desk;
  #buffer: Buffer = NOTHING;
  #head: RequestHead | null = null;
  #exchange: Exchange | null = null;
  #reader: BodyReader | null = null;
  #route: Route | null = null;
  #splice: Splice | null = null;
  readonly #repeats = new Repeats<RequestFields>();
  readonly #passed: PassedFields;
  #closing = false;
  /** Its socket takes no more: nothing is begun that would have to be kept for it. */
  #blocked = false;
  /** Nothing is read from it. */
  #paused = false;
  /** Of `performance.now`: the connection ends then unless something comes before. */
  deadline: number;

  constructor(socket: Socket, origin: Origin, desk: Desk) {
    this.#socket = socket;
    this.#outflow = new Outflow(socket, () => this.#drained());
    this.#origin = origin;
    this.#passed = new PassedFields(origin);
    this.#desk = desk;
    this.deadline = this.now() + HEAD_MS;
    desk.connections(1);
    readShared(socket, (bytes) => this.data(bytes));
    socket.on('end', () => this.#ended());
    // An error is followed by the end of the socket, which is all that matters here.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#closed());
  }

  now(): number {
    return performance.now();
  }

  /** Bytes that are kept for it: what a client that does not read costs. */
  get waiting(): number {
    return this.#outflow.waiting;
  }

  /** What the client sent; valid until this returns. */
  data(bytes: Buffer): void {
    if (this.#splice !== null) this.#splice.fromClient(bytes);
    if (this.#closing) return;
    this.#buffer = this.#buffer.length === 0 ? bytes : Buffer.concat([this.#buffer, bytes]);
    this.#advance();
    if (this.#buffer.length > 0 && this.#buffer.buffer === bytes.buffer)
      this.#buffer = Buffer.from(this.#buffer);
  }

  /** The deadline has passed. */
  expire(): void {
    const exchange = this.#exchange;
    const silent = this.#closing || this.#blocked || exchange?.started === true;
    if (silent || (this.#buffer.length === 0 && exchange === null)) {
      if (exchange?.started === true) this.abort();
      else this.#socket.destroy();
      exchange?.abandon();
    } else {
      exchange?.abandon();
      this.#answer(REFUSALS[408], true);
    }
  }

  write(outgoing: Outgoing): boolean {
    const room = writeMessage(this.#outflow, outgoing);
    if (!room) this.#block();
    return room;
  }

  pauseRequest(): void {
    this.#pause();
    this.#rearm();
  }

  resumeRequest(): void {
    this.#resume();
    this.#rearm();
  }

  done(close: boolean, now: number): void {
    this.#forget();
    if (close) {
      this.#end();
      return;
    }
    this.#next(now);
    this.#advance();
  }

  failed(why: string): void {
    const route = this.#route;
    if (route === null) throw new Error('an exchange failed without a route');
    const head = this.#head;
    const close = this.#reader !== null || head?.fields.keepAlive === false;
    this.#exchange = null;
    this.#reader = null;
    this.#rearm();
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
    this.#outflow.reset();
  }

  splice(program: UpstreamConnection, rest: Buffer): void {
    const early = this.#buffer;
    this.#forget();
    this.#buffer = NOTHING;
    this.deadline = Number.POSITIVE_INFINITY;
    this.#closing = true;
    const both = splice(this.#outflow, program.outflow, (ms) => {
      this.deadline = this.now() + ms;
    });
    this.#splice = both;
    program.user = { data: both.fromProgram, ended: nothing, closed: nothing, drained: nothing };
    if (early.length > 0) both.fromClient(early);
    if (rest.length > 0) both.fromProgram(rest);
    this.#resume();
  }

  #advance(): void {
    while (this.#buffer.length > 0 && !this.#closing && this.#step());
  }

  /** False: it has to wait. */
  #step(): boolean {
    if (this.#reader !== null && this.#exchange !== null) return this.#readBody(this.#exchange, this.#reader);
    if (this.#head === null && !this.#blocked) return this.#readHead();
    if (this.#buffer.length > MOST_AHEAD) this.#pause();
    return false;
  }

  /** False: more bytes are needed, or nothing more is wanted. */
  #readHead(): boolean {
    const next = nextRequest(this.#buffer, this.#repeats);
    if (next.kind === 'more') {
      if (this.deadline - this.now() > HEAD_MS) this.deadline = this.now() + HEAD_MS;
      return false;
    }
    if (next.kind === 'refused') {
      this.#answer(next.answer, true);
      return false;
    }
    const { head, end } = next;
    this.#buffer = end === this.#buffer.length ? NOTHING : this.#buffer.subarray(end);
    this.#head = head;
    this.#rearm();
    this.#decided(
      isLoop(head.fields) ? { kind: 'answer', answer: LOOP } : this.#desk.decide(head, this.#origin),
    );
    return true;
  }

  #decided(decision: Decision): void {
    const head = this.#head;
    if (head === null || this.#closing) return;
    switch (decision.kind) {
      case 'answer':
        this.#answer(decision.answer, head.fields.framing.kind !== 'none' || !head.fields.keepAlive);
        return;
      case 'forward':
        this.#forward(head, decision.route);
        return;
      case 'wait':
        decision.until.then(
          (next) => {
            if (this.#head !== head) {
              if (next.kind === 'forward') next.route.finished(0, 0);
              return;
            }
            this.#decided(next);
            this.#advance();
          },
          () => this.#socket.destroy(),
        );
    }
  }

  #forward(head: RequestHead, route: Route): void {
    this.#route = route;
    const { framing } = head.fields;
    this.#reader = framing.kind === 'none' ? null : bodyReader(framing);
    this.#exchange = new Exchange(head, route, this, this.#passed.text(head.fields));
    if (this.#reader === null || (framing.kind === 'length' && framing.length === 0)) {
      this.#reader = null;
      this.#exchange.requestBody([], true);
    } else {
      // While it was decided where the request goes, the client may have sent as much as is kept.
      this.#resume();
      this.#rearm();
    }
  }

  /** False: all that came is handed on, and more is to come. */
  #readBody(exchange: Exchange, reader: BodyReader): boolean {
    const pieces: Buffer[] = [];
    const step = reader.read(this.#buffer, 0, (piece) => pieces.push(piece));
    if (typeof step === 'string') {
      const replying = exchange.started;
      exchange.abandon();
      if (replying) this.abort();
      else this.#answer(REFUSALS[400], true);
      return false;
    }
    const { end, done } = step;
    if (done) this.#reader = null;
    this.#rearm();
    exchange.requestBody(pieces, done);
    this.#buffer = end === this.#buffer.length ? NOTHING : this.#buffer.subarray(end);
    return done;
  }

  #answer(answer: Answer, close: boolean): void {
    const isHead = this.#head?.method === 'HEAD';
    this.#forget();
    const reply = Buffer.from(composeAnswer(answer, { close, head: isHead }));
    if (!this.#outflow.write(reply)) this.#block();
    if (close) this.#end();
    else this.#next();
  }

  /** Ready for another request. */
  #next(now?: number): void {
    this.#rearm(now);
    if (!this.#blocked) this.#resume();
  }

  #block(): void {
    this.#blocked = true;
    this.#rearm();
  }

  #drained(): void {
    this.#blocked = false;
    if (this.#closing) return;
    this.#rearm();
    this.#exchange?.clientDrained();
    if (this.#head !== null) return;
    this.#resume();
    this.#advance();
  }

  #pause(): void {
    this.#paused = true;
    this.#socket.pause();
  }

  #resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#socket.resume();
  }

  /** How long the client may take for what it has to do next. */
  #rearm(now?: number): void {
    const sends = this.#reader !== null && !this.#paused;
    this.deadline = patienceFor({ blocked: this.#blocked, asked: this.#head !== null, sends });
    if (this.deadline !== Number.POSITIVE_INFINITY) this.deadline += now ?? this.now();
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
    this.deadline = this.now() + STALL_MS;
    this.#outflow.end(() => {
      this.deadline = this.now() + LINGER_MS;
    });
    this.#resume();
  }

  /**
   * It sent its last byte. Nobody can tell a half-closed client from one that went, and those that go are the many: a program must not
   * work on for a tab that was closed. nginx decides the same.
   */
  #ended(): void {
    const exchange = this.#exchange;
    if (exchange?.started === true) this.abort();
    else {
      this.#forget();
      this.#end();
    }
    exchange?.abandon();
  }

  #closed(): void {
    this.#closing = true;
    const exchange = this.#exchange;
    this.#forget();
    exchange?.abandon();
    this.#desk.connections(-1);
  }
}

function nothing(): void {
  // The two sides follow each other.
}
