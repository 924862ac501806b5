/**
 * The field lines of a message head: read strictly, sorted into those that an engine must understand and those that pass on as they
 * came. What two parsers could read differently is refused, never mended: CR or LF alone, NUL, a space before the colon, a folded
 * line. One pass, because it is run twice for every request. It must not know requests from responses.
 */

import { COLON, CR, LF, SPACE, TAB, TOKEN, VALUE } from './characters.ts';

/** More than any browser or framework sends; each costs memory in every program behind us. */
const MOST_FIELDS = 256;

/**
 * What an engine must understand to know where a message ends, where it goes, and what concerns one hop only. Values without blanks
 * around them; null: absent. Lists that came in several lines are joined by commas, as RFC 9110 5.3 says they mean.
 */
export interface Specials {
  host: string | null;
  contentLength: string | null;
  transferEncoding: string | null;
  connection: string | null;
  keepAlive: string | null;
  upgrade: string | null;
  expect: string | null;
  via: string | null;
}

export interface Fields {
  readonly specials: Specials;
  /** Lines that pass on, each with its CRLF, as they came. */
  readonly kept: string;
}

/** A sentence for the log; never sent to a client, who wrote the bytes. */
export type Malformed = string;

type Kind = keyof Specials | 'dropped';

/** Dropped ones concern one hop (RFC 9110 7.6.1), or say who the client is, which is ours to say. */
const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['host', 'host'],
  ['content-length', 'contentLength'],
  ['transfer-encoding', 'transferEncoding'],
  ['connection', 'connection'],
  ['keep-alive', 'keepAlive'],
  ['upgrade', 'upgrade'],
  ['expect', 'expect'],
  ['via', 'via'],
  ['forwarded', 'dropped'],
  ['http2-settings', 'dropped'],
  ['proxy-authenticate', 'dropped'],
  ['proxy-authorization', 'dropped'],
  ['proxy-connection', 'dropped'],
  ['te', 'dropped'],
  ['trailer', 'dropped'],
  ['x-real-ip', 'dropped'],
]);
const OUR_PREFIX = 'x-forwarded-';

/** These have one value; a second line is a second opinion. */
const SINGLE: ReadonlySet<Kind> = new Set<Kind>([
  'host',
  'contentLength',
  'transferEncoding',
  'upgrade',
  'expect',
]);

/** Length and first letter tell most names apart from those above, without making a string of them. Index: length * 32 + letter. */
const SUSPECTS = suspects();
const LONGEST = 32;

/** `text`: latin1, one character a byte; `from`: the first field line. Reads up to and including the empty line, which must be its end. */
export function readFields(text: string, from: number): Fields | Malformed {
  const sorted: Sorted = { specials: noSpecials(), kept: '', keptFrom: from };
  let at = from;
  for (let count = 0; text.charCodeAt(at) !== CR; count += 1) {
    if (count === MOST_FIELDS) return 'too many fields';
    const next = readLine(text, at, sorted);
    if (typeof next === 'string') return next;
    at = next;
  }
  if (text.charCodeAt(at + 1) !== LF) return 'CR without LF';
  if (at + 2 !== text.length) return 'bytes after the empty line';
  return { specials: sorted.specials, kept: sorted.kept + text.slice(sorted.keptFrom, at) };
}

interface Sorted {
  readonly specials: Specials;
  kept: string;
  /** Since here nothing had to be left out: most heads are kept in a few long pieces. */
  keptFrom: number;
}

/** Index of the next line. */
function readLine(text: string, at: number, sorted: Sorted): number | Malformed {
  const colon = endOfName(text, at);
  if (colon < 0) return BAD_NAME;
  const end = endOfValue(text, colon + 1);
  if (end < 0) return BAD_VALUE;
  const kind = isSuspect(text, at, colon) ? kindOf(text.slice(at, colon)) : null;
  if (kind !== null) {
    const wrong = note(sorted.specials, kind, text, colon + 1, end);
    if (wrong !== null) return wrong;
    sorted.kept += text.slice(sorted.keptFrom, at);
    sorted.keptFrom = end + 2;
  }
  return end + 2;
}

const BAD_NAME = 'a field name with other characters than those of a token';
const BAD_VALUE = 'a field value with a control character, or a line that does not end with CR LF';

function noSpecials(): Specials {
  return {
    host: null,
    contentLength: null,
    transferEncoding: null,
    connection: null,
    keepAlive: null,
    upgrade: null,
    expect: null,
    via: null,
  };
}

/** Null: well noted. */
function note(specials: Specials, kind: Kind, text: string, from: number, to: number): Malformed | null {
  if (kind === 'dropped') return null;
  const value = trimmed(text, from, to);
  const before = specials[kind];
  if (before !== null && SINGLE.has(kind)) return `several ${kind} fields`;
  // A blank to some programs, a character to others; nobody who means well sends one here.
  if (SINGLE.has(kind) && text.slice(from, to).includes('\t')) return `a tab in ${kind}`;
  specials[kind] = before === null ? value : `${before}, ${value}`;
  return null;
}

function suspects(): Uint8Array {
  const table = new Uint8Array(33 * 32);
  for (const name of KINDS.keys()) table[name.length * 32 + (name.charCodeAt(0) & 31)] = 1;
  for (let length = OUR_PREFIX.length; length < 33; length += 1)
    table[length * 32 + ('x'.charCodeAt(0) & 31)] = 1;
  return table;
}

function isSuspect(text: string, from: number, to: number): boolean {
  const length = to - from;
  return length >= LONGEST || SUSPECTS[length * 32 + (text.charCodeAt(from) & 31)] === 1;
}

/** Null: the line passes on as it is. CGI and its descendants read `_` as `-`: such a name would pass for what we have checked or set. */
function kindOf(written: string): Kind | null {
  const name = written.toLowerCase();
  const kind = KINDS.get(name);
  if (kind !== undefined) return kind;
  if (name.startsWith(OUR_PREFIX)) return 'dropped';
  if (!name.includes('_')) return null;
  const plain = name.replaceAll('_', '-');
  return KINDS.has(plain) || plain.startsWith(OUR_PREFIX) ? 'dropped' : null;
}

/** Index of the colon; -1: none right behind a token. */
function endOfName(text: string, from: number): number {
  let at = from;
  while (TOKEN[text.charCodeAt(at)] === 1) at += 1;
  return at > from && text.charCodeAt(at) === COLON ? at : -1;
}

/** Index of the CR; -1: something else stands there. */
function endOfValue(text: string, from: number): number {
  let at = from;
  while (VALUE[text.charCodeAt(at)] === 1) at += 1;
  return text.charCodeAt(at) === CR && text.charCodeAt(at + 1) === LF ? at : -1;
}

/** Without spaces and tabs around it; `trim` would take more than those. */
function trimmed(text: string, from: number, to: number): string {
  let [start, end] = [from, to];
  while (start < end && isBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

function isBlank(byte: number): boolean {
  return byte === SPACE || byte === TAB;
}

/** The members of a comma-separated list, in lower case. Null: one is no token. */
export function tokenList(value: string): readonly string[] | null {
  const tokens: string[] = [];
  for (const part of value.split(',')) {
    const token = trimmed(part, 0, part.length).toLowerCase();
    // Empty members are allowed and mean nothing (RFC 9110 5.6.1.2).
    if (token === '') continue;
    for (let at = 0; at < token.length; at += 1) if (TOKEN[token.charCodeAt(at)] !== 1) return null;
    tokens.push(token);
  }
  return tokens;
}

/** Without the lines of these names: those that `Connection` says concern one hop. */
export function withoutFields(kept: string, names: ReadonlySet<string>): string {
  return kept
    .split('\r\n')
    .filter((line) => line !== '' && !names.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .map((line) => `${line}\r\n`)
    .join('');
}
