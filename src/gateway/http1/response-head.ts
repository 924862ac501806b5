/** A response head from a program behind us, read as strictly as a request: its mistakes must not become ours. Pure. */

import { CR, LF, SPACE, VALUE } from './characters.ts';
import { readHop } from './connection-field.ts';
import { type HeadBytes, type Malformed, readFields } from './fields.ts';
import { declaredFraming, type Framing, NO_BODY, UNTIL_CLOSE } from './framing.ts';
import type { Repeats } from './repeats.ts';

export interface ResponseHead {
  /** Of the head, in bytes. */
  readonly size: number;
  readonly version: 0 | 1;
  readonly status: number;
  readonly reason: string;
  /** Of the body that follows on the wire. */
  readonly framing: Framing;
  /** The length of the body that a GET would have had; a reply without a body may still tell it. */
  readonly toldLength: number | null;
  /** The program will take another request on this connection. */
  readonly keepAlive: boolean;
  /** Seconds that the program keeps an idle connection, when it tells. */
  readonly idleSeconds: number | null;
  readonly via: string;
  /** With status 101: the protocol changed to. */
  readonly upgrade: string | null;
  /** The field lines that are passed on, each with its CRLF. */
  readonly kept: string;
}

/** `head`: begins with the status line and has the empty line. `repeats`: of the program. */
export function parseResponseHead(
  head: HeadBytes,
  method: string,
  repeats: Repeats<ResponseHead> | null = null,
): ResponseHead | Malformed {
  // Beside this method the same lines mean something else.
  if (method === 'HEAD') return parse(head, method);
  const known = repeats?.find(head.text, 0) ?? null;
  if (known !== null) return known;
  const read = parse(head, method);
  if (typeof read !== 'string') repeats?.keep(head.text, 0, read.size, read);
  return read;
}

function parse(head: HeadBytes, method: string): ResponseHead | Malformed {
  const line = parseStatusLine(head);
  if (line === null) return 'no status line';
  const { version, status } = line;
  const fields = readFields(head, line.end);
  if (typeof fields === 'string') return fields;
  const declared = declaredFraming(fields.specials, version);
  if (typeof declared === 'string') return declared;
  const hop = readHop(fields.specials, version, fields.kept);
  if (typeof hop === 'string') return hop;
  const framing = framingOf(declared, status, method);
  return {
    size: fields.end,
    version,
    status,
    reason: line.reason,
    framing,
    toldLength: declared?.kind === 'length' ? declared.length : null,
    keepAlive: hop.keepAlive && framing.kind !== 'until-close',
    idleSeconds: idleSecondsOf(fields.specials.keepAlive),
    via: fields.specials.via ?? '',
    upgrade: status === 101 ? hop.upgrade : null,
    kept: hop.fields,
  };
}

interface StatusLine {
  readonly version: 0 | 1;
  readonly status: number;
  readonly reason: string;
  /** Index of the first field line. */
  readonly end: number;
}

function parseStatusLine({ bytes, text }: HeadBytes): StatusLine | null {
  const version = text.startsWith('HTTP/1.1 ') ? 1 : text.startsWith('HTTP/1.0 ') ? 0 : null;
  const status = threeDigits(bytes, 9);
  // A reason is optional, and so, for some, is the space before it.
  const from = bytes[12] === SPACE ? 13 : 12;
  let at = from;
  while (from === 13 && VALUE[bytes[at] ?? 0] === 1) at += 1;
  const ends = bytes[at] === CR && bytes[at + 1] === LF;
  if (version === null || status < 100 || status > 599 || !ends) return null;
  return { version, status, reason: text.slice(from, at), end: at + 2 };
}

/** -1: no digits. */
function threeDigits(bytes: Uint8Array, at: number): number {
  let number = 0;
  for (let index = at; index < at + 3; index += 1) {
    const digit = (bytes[index] ?? 0) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/** RFC 9112 6.3, in its order. */
function framingOf(declared: Framing | null, status: number, method: string): Framing {
  if (method === 'HEAD' || status < 200 || status === 204 || status === 304) return NO_BODY;
  return declared ?? UNTIL_CLOSE;
}

/** `Keep-Alive: timeout=5, max=100`: what Node and Apache send. */
function idleSecondsOf(value: string | null): number | null {
  if (value === null) return null;
  if (value === lastIdle.value) return lastIdle.seconds;
  const match = /(?:^|[,\s])timeout=(\d{1,5})(?:$|[,\s])/i.exec(value);
  lastIdle = { value, seconds: match === null ? null : Number(match[1]) };
  return lastIdle.seconds;
}

/** One program says the same each time. */
let lastIdle: { readonly value: string; readonly seconds: number | null } = { value: '', seconds: null };
