/**
 * A request head, read strictly (RFC 9112 3 and 5): what is said about it is what every program behind us will read, or it is
 * refused with a status. Pure; it must not know routes.
 */

import { CR, LF, SPACE, TARGET, TOKEN } from './characters.ts';
import { type Hop, readHop } from './connection-field.ts';
import { type Fields, type HeadBytes, type Malformed, readFields } from './fields.ts';
import { declaredFraming, type Framing, NO_BODY, UNKNOWN_CODING } from './framing.ts';
import type { Repeats } from './repeats.ts';

export interface RequestHead {
  readonly method: string;
  /** Origin form, or `*`. */
  readonly target: string;
  readonly version: 0 | 1;
  /** The same object for requests with the same field lines, one after the other. */
  readonly fields: RequestFields;
}

/** What the field lines say, for the version and the target that they came with. */
export interface RequestFields {
  /** In lower case, without port and a last dot; '' when HTTP/1.0 gave none. */
  readonly host: string;
  /** As it is passed on. */
  readonly hostField: string;
  readonly framing: Framing;
  /** The client will send another request on this connection. */
  readonly keepAlive: boolean;
  /** The protocol that it wants to change to. */
  readonly upgrade: string | null;
  readonly expectsContinue: boolean;
  /** Programs that it went through before, as they wrote it. */
  readonly via: string;
  /** The field lines that are passed on, each with its CRLF. */
  readonly kept: string;
}

export interface Refusal {
  readonly status: 400 | 405 | 417 | 501 | 505;
  readonly why: Malformed;
}

export function isRefusal(head: object): head is Refusal {
  return 'why' in head;
}

/** `bytes`: from the request line to the empty line, both included. `repeats`: of whoever sends them. */
export function parseRequestHead(
  bytes: Buffer,
  repeats: Repeats<RequestFields> | null = null,
): RequestHead | Refusal {
  const head = { bytes, text: bytes.toString('latin1') };
  const line = parseRequestLine(head);
  if (isRefusal(line)) return line;
  const target = originForm(line.target);
  if (target === null) return bad('a target that is neither a path nor an http URL');
  if (target.path === '*' && line.method !== 'OPTIONS') return bad('`*` with another method than OPTIONS');
  // Beside an authority, or in HTTP/1.0, the same lines mean something else.
  const usual = target.authority === null && line.version === 1;
  const fields = usual
    ? parseAgain(head, line, repeats)
    : parseFields(head, line.end, line.version, target.authority);
  if (isRefusal(fields)) return fields;
  return { method: line.method, target: target.path, version: line.version, fields };
}

function parseAgain(
  head: HeadBytes,
  { end }: RequestLine,
  repeats: Repeats<RequestFields> | null,
): RequestFields | Refusal {
  const { text } = head;
  const known = repeats?.size === text.length - end ? repeats.find(text, end) : null;
  if (known !== null) return known;
  const fields = parseFields(head, end, 1, null);
  if (!isRefusal(fields)) repeats?.keep(text, end, text.length, fields);
  return fields;
}

function parseFields(
  head: HeadBytes,
  from: number,
  version: 0 | 1,
  authority: string | null,
): RequestFields | Refusal {
  const fields = readAll(head, from);
  if (typeof fields === 'string') return bad(fields);
  const { specials } = fields;
  const framing = declaredFraming(specials, version);
  if (typeof framing === 'string')
    return framing === UNKNOWN_CODING ? { status: 501, why: framing } : bad(framing);
  const host = hostOf(specials.host, version, authority);
  if (typeof host === 'string') return bad(host);
  const hop = readHop(specials, version, fields.kept);
  if (typeof hop === 'string') return bad(hop);
  const expectsContinue = specials.expect?.toLowerCase() === '100-continue';
  if (specials.expect !== null && !expectsContinue)
    return { status: 417, why: 'an expectation other than 100-continue' };
  return {
    host: host.name,
    hostField: host.field,
    framing: framing ?? NO_BODY,
    keepAlive: mayFollow(hop),
    upgrade: hop.upgrade,
    expectsContinue: expectsContinue && version === 1,
    via: specials.via ?? '',
    kept: hop.fields,
  };
}

function readAll(head: HeadBytes, from: number): Fields | Malformed {
  const fields = readFields(head, from);
  return typeof fields === 'string' || fields.end === head.text.length
    ? fields
    : 'bytes after the empty line';
}

/** Programs differ in whether they go on reading behind a request that asked for another protocol and did not get it. */
function mayFollow(hop: Hop): boolean {
  return hop.keepAlive && !hop.changes;
}

interface RequestLine {
  readonly method: string;
  readonly target: string;
  readonly version: 0 | 1;
  /** Index of the first field line. */
  readonly end: number;
}

function parseRequestLine({ bytes, text }: HeadBytes): RequestLine | Refusal {
  let at = 0;
  while (TOKEN[bytes[at] ?? 0] === 1) at += 1;
  if (at === 0 || bytes[at] !== SPACE) return bad('no method');
  const method = text.slice(0, at);
  const from = at + 1;
  at = from;
  while (TARGET[bytes[at] ?? 0] === 1) at += 1;
  if (at === from || bytes[at] !== SPACE) return bad('no target');
  const target = text.slice(from, at);
  if (bytes[at + 9] !== CR || bytes[at + 10] !== LF) return bad('no version');
  if (method === 'CONNECT') return { status: 405, why: 'CONNECT' };
  const end = at + 11;
  if (text.startsWith('HTTP/1.1', at + 1)) return { method, target, version: 1, end };
  if (text.startsWith('HTTP/1.0', at + 1)) return { method, target, version: 0, end };
  const version = text.slice(at + 1, at + 9);
  return /^HTTP\/\d\.\d$/.test(version) ? { status: 505, why: version } : bad('no version');
}

interface Target {
  readonly path: string;
  /** Of an absolute form. */
  readonly authority: string | null;
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)$/i;

function originForm(target: string): Target | null {
  if (target.includes('#')) return null;
  if (target.startsWith('/') || target === '*') return { path: target, authority: null };
  const match = ABSOLUTE.exec(target);
  if (match === null) return null;
  const [, authority = '', rest = ''] = match;
  return { path: rest.startsWith('/') ? rest : `/${rest}`, authority };
}

/** A registered name, an IPv4 address, or an IPv6 address in brackets; then a port. User information is refused. */
const AUTHORITY = /^([a-z0-9](?:[a-z0-9._-]*[a-z0-9])?\.?|\[[0-9a-f:.]+\])(?::(\d{0,5}))?$/;

interface Host {
  readonly name: string;
  readonly field: string;
}

/** Clients say the same again and again. */
let lastHost: Host = { name: '', field: '' };

function hostOf(field: string | null, version: 0 | 1, authority: string | null): Host | Malformed {
  if (field === null) return version === 0 && authority === null ? { name: '', field: '' } : 'no Host';
  // RFC 9112 3.2.2 lets the target win; programs differ, so they have to agree.
  if (authority !== null && authority.toLowerCase() !== field.toLowerCase())
    return 'a target for another host than Host';
  if (field === lastHost.field) return lastHost;
  const match = AUTHORITY.exec(field.toLowerCase());
  if (match === null) return 'a Host that is none';
  lastHost = { name: (match[1] ?? '').replace(/\.$/, ''), field };
  return lastHost;
}

function bad(why: Malformed): Refusal {
  return { status: 400, why };
}
