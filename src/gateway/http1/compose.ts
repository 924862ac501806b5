/** Writes message heads: what goes to the program behind us, and what goes to the client. Latin1 text. Pure. */

import type { Framing } from './framing.ts';
import type { RequestFields, RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';

/** What is the same for every request of one client connection. */
export interface Origin {
  /** Address of the client, without brackets. */
  readonly address: string;
  readonly secure: boolean;
  /** Port that the client reached us at. */
  readonly port: number;
}

/** Stands in `Via`; counted to find loops. */
export const PSEUDONYM = 'loopyard';
/** A front that calls an API by name, which calls another, is no loop; nothing sensible goes deeper. */
const MOST_HOPS = 5;

export function isLoop({ via }: Pick<RequestFields, 'via'>): boolean {
  return via !== '' && via.split(PSEUDONYM).length > MOST_HOPS;
}

/** `fields`: by `composeFields`. */
export function composeRequest({ method, target }: RequestHead, fields: string): string {
  return `${method} ${target} HTTP/1.1\r\n${fields}`;
}

/** All that follows the request line. `forwarded`: by `forwardedFields`. */
export function composeFields(fields: RequestFields, forwarded: string): string {
  const connection = fields.upgrade === null ? '' : `Connection: Upgrade\r\nUpgrade: ${fields.upgrade}\r\n`;
  const expect = fields.expectsContinue ? 'Expect: 100-continue\r\n' : '';
  const via = fields.via === '' ? `Via: 1.1 ${PSEUDONYM}\r\n` : `Via: ${fields.via}, 1.1 ${PSEUDONYM}\r\n`;
  return `Host: ${fields.hostField}\r\n${fields.kept}${forwarded}${via}${framingField(fields.framing)}${expect}${connection}\r\n`;
}

/** Who asked, and for what: set by us, whatever the client says of itself. The host has been checked: it holds no mark that would need quoting beside `:` and brackets. */
export function forwardedFields(origin: Origin, host: string): string {
  const { address, secure, port } = origin;
  const proto = secure ? 'https' : 'http';
  const node = address.includes(':') ? `"[${address}]"` : address;
  const fields = `X-Forwarded-For: ${address}\r\nX-Forwarded-Proto: ${proto}\r\nX-Forwarded-Host: ${host}\r\nX-Forwarded-Port: ${port}\r\nForwarded: for=${node};host="${host}";proto=${proto}\r\n`;
  // One piece, not the tree of pieces that V8 makes of it: it is written again and again.
  return Buffer.from(fields, 'latin1').toString('latin1');
}

/** How the body travels to the client. */
export interface Delivery {
  readonly framing: Framing;
  /** The connection ends behind this reply. */
  readonly close: boolean;
}

/** `version`: of the client. A body whose length is not known is chunked for HTTP/1.1 and ends with the connection for HTTP/1.0. */
export function deliveryOf(head: ResponseHead, version: 0 | 1, keepAlive: boolean): Delivery {
  const { framing } = head;
  if (framing.kind === 'none' || framing.kind === 'length') return { framing, close: !keepAlive };
  if (version === 1) return { framing: { kind: 'chunked' }, close: !keepAlive };
  return { framing: { kind: 'until-close' }, close: true };
}

export function composeResponse(head: ResponseHead, delivery: Delivery, version: 0 | 1): string {
  const length =
    delivery.framing.kind === 'none' && head.toldLength !== null && mayTellLength(head.status)
      ? `Content-Length: ${head.toldLength}\r\n`
      : framingField(delivery.framing);
  const via = head.via === '' ? '' : `Via: ${head.via}\r\n`;
  const connection = delivery.close
    ? 'Connection: close\r\n'
    : version === 0
      ? 'Connection: keep-alive\r\n'
      : '';
  return `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.kept}${via}${length}${connection}\r\n`;
}

/** 100, 103: they come before the reply and have no body. */
export function composeInterim(head: ResponseHead): string {
  return `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.kept}\r\n`;
}

export function composeSwitch(head: ResponseHead): string {
  return `HTTP/1.1 101 ${head.reason}\r\n${head.kept}Connection: Upgrade\r\nUpgrade: ${head.upgrade ?? ''}\r\n\r\n`;
}

/** RFC 9110 8.6: never with 1xx and 204. */
function mayTellLength(status: number): boolean {
  return status >= 200 && status !== 204;
}

function framingField(framing: Framing): string {
  switch (framing.kind) {
    case 'length':
      return `Content-Length: ${framing.length}\r\n`;
    case 'chunked':
      return 'Transfer-Encoding: chunked\r\n';
    case 'none':
    case 'until-close':
      return '';
  }
}

/** A reply of our own. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  /** Lines, each with its CRLF. */
  readonly fields: string;
  readonly body: string;
}

/** `close`: nothing more is read from this client. */
export function composeAnswer(
  answer: Answer,
  options: { readonly close: boolean; readonly head: boolean },
): string {
  const length = Buffer.byteLength(answer.body);
  const connection = options.close ? 'Connection: close\r\n' : '';
  const head = `HTTP/1.1 ${answer.status} ${answer.reason}\r\n${answer.fields}Content-Length: ${length}\r\n${connection}\r\n`;
  return options.head ? head : head + answer.body;
}
