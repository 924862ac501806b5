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
  /** Index behind the empty line. */
  readonly end: number;
}

/** A sentence for the log; never sent to a client, who wrote the bytes. */
export type Malformed = string;

/** Where each of them is kept while they are read. */
const ORDER = [
  'host',
  'contentLength',
  'transferEncoding',
  'upgrade',
  'expect',
  'connection',
  'keepAlive',
  'via',
] as const satisfies readonly (keyof Specials)[];
/** The first five have one value; a second line is a second opinion. */
const SINGLE = 5;

/** Index in `ORDER`, or dropped: it concerns one hop (RFC 9110 7.6.1), or says who the client is, which is ours to say. */
type Kind = number;
const DROPPED: Kind = -1;

const KINDS: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['host', ORDER.indexOf('host')],
  ['content-length', ORDER.indexOf('contentLength')],
  ['transfer-encoding', ORDER.indexOf('transferEncoding')],
  ['connection', ORDER.indexOf('connection')],
  ['keep-alive', ORDER.indexOf('keepAlive')],
  ['upgrade', ORDER.indexOf('upgrade')],
  ['expect', ORDER.indexOf('expect')],
  ['via', ORDER.indexOf('via')],
  ['forwarded', DROPPED],
  ['http2-settings', DROPPED],
  ['proxy-authenticate', DROPPED],
  ['proxy-authorization', DROPPED],
  ['proxy-connection', DROPPED],
  ['te', DROPPED],
  ['trailer', DROPPED],
  ['x-real-ip', DROPPED],
]);
const OUR_PREFIX = 'x-forwarded-';

/** A name of those above, or none in particular: what is as long and begins alike must be looked at. */
interface Suspect {
  readonly name: string;
  readonly kind: Kind;
}

/** Length and first letter tell most names apart from those above, without making a string of them. Index: length * 32 + letter. */
const SUSPECTS = suspects();
const LONGEST = 32;

/** A head as it came, or a part that ends behind an empty line. */
export interface HeadBytes {
  readonly bytes: Uint8Array;
  /** The same, latin1: what is kept is cut from it. Looking at its characters would take twice as long. */
  readonly text: string;
}

/** `from`: the first field line. Reads up to and including the first empty line. */
export function readFields(head: HeadBytes, from: number): Fields | Malformed {
  const { bytes } = head;
  const sorted = new Sorted(from);
  let at = from;
  for (let count = 0; bytes[at] !== CR; count += 1) {
    if (count === MOST_FIELDS) return 'too many fields';
    const next = readLine(head, at, sorted);
    if (typeof next === 'string') return next;
    at = next;
  }
  if (bytes[at + 1] !== LF) return 'CR without LF';
  return {
    specials: sorted.specials(),
    kept: sorted.kept + head.text.slice(sorted.keptFrom, at),
    end: at + 2,
  };
}

class Sorted {
  /** By `ORDER`. */
  readonly values: (string | null)[] = [null, null, null, null, null, null, null, null];
  kept = '';
  /** Since here nothing had to be left out: most heads are kept in a few long pieces. */
  keptFrom: number;

  constructor(from: number) {
    this.keptFrom = from;
  }

  /** In the order of `ORDER`. Not by destructuring, which would go through an iterator. */
  specials(): Specials {
    const { values } = this;
    return {
      host: values[0] ?? null,
      contentLength: values[1] ?? null,
      transferEncoding: values[2] ?? null,
      upgrade: values[3] ?? null,
      expect: values[4] ?? null,
      connection: values[5] ?? null,
      keepAlive: values[6] ?? null,
      via: values[7] ?? null,
    };
  }
}

/** Index of the next line. */
function readLine({ bytes, text }: HeadBytes, at: number, sorted: Sorted): number | Malformed {
  const colon = endOfName(bytes, at);
  if (colon < 0) return BAD_NAME;
  const end = endOfValue(bytes, colon + 1);
  if (end < 0) return BAD_VALUE;
  const kind = kindAt(bytes, at, colon) ?? kindOf(text, at, colon);
  if (kind !== PASSES) {
    const wrong = kind === DROPPED ? null : note(sorted.values, kind, text, colon + 1, end);
    if (wrong !== null) return wrong;
    sorted.kept += text.slice(sorted.keptFrom, at);
    sorted.keptFrom = end + 2;
  }
  return end + 2;
}

const BAD_NAME = 'a field name with other characters than those of a token';
const BAD_VALUE = 'a field value with a control character, or a line that does not end with CR LF';

/** Null: well noted. */
function note(
  values: (string | null)[],
  kind: Kind,
  text: string,
  from: number,
  to: number,
): Malformed | null {
  const value = trimmed(text, from, to);
  const before = values[kind] ?? null;
  if (kind < SINGLE) {
    if (before !== null) return `several ${ORDER[kind]} fields`;
    // A blank to some programs, a character to others; nobody who means well sends one here.
    for (let at = from; at < to; at += 1) if (text.charCodeAt(at) === TAB) return `a tab in ${ORDER[kind]}`;
  }
  values[kind] = before === null ? value : `${before}, ${value}`;
  return null;
}

function suspects(): readonly (Suspect | null)[] {
  const table = new Array<Suspect | null>(33 * 32).fill(null);
  for (let length = OUR_PREFIX.length; length < 33; length += 1)
    table[length * 32 + ('x'.charCodeAt(0) & 31)] = { name: '', kind: DROPPED };
  for (const [name, kind] of KINDS) table[name.length * 32 + (name.charCodeAt(0) & 31)] = { name, kind };
  return table;
}

/** The line passes on as it is. */
const PASSES: Kind = -2;

/** Null: the whole name has to be looked at. */
function kindAt(bytes: Uint8Array, from: number, to: number): Kind | null {
  const length = to - from;
  if (length >= LONGEST) return null;
  const suspect = SUSPECTS[length * 32 + ((bytes[from] ?? 0) & 31)] ?? null;
  if (suspect === null) return PASSES;
  return isNamed(bytes, from, suspect.name) ? suspect.kind : null;
}

/** `name`: in lower case. In a token, bit 5 tells upper case from lower case where there are two, and nothing becomes a mark by it. */
function isNamed(bytes: Uint8Array, from: number, name: string): boolean {
  for (let at = 0; at < name.length; at += 1)
    if (((bytes[from + at] ?? 0) | 0x20) !== name.charCodeAt(at)) return false;
  return name !== '';
}

/** CGI and its descendants read `_` as `-`: such a name would pass for what we have checked or set. */
function kindOf(text: string, from: number, to: number): Kind {
  const name = text.slice(from, to).toLowerCase();
  const kind = KINDS.get(name);
  if (kind !== undefined) return kind;
  if (name.startsWith(OUR_PREFIX)) return DROPPED;
  if (!name.includes('_')) return PASSES;
  const plain = name.replaceAll('_', '-');
  return KINDS.has(plain) || plain.startsWith(OUR_PREFIX) ? DROPPED : PASSES;
}

/** Index of the colon; -1: none right behind a token. */
function endOfName(bytes: Uint8Array, from: number): number {
  let at = from;
  while (TOKEN[bytes[at] ?? 0] === 1) at += 1;
  return at > from && bytes[at] === COLON ? at : -1;
}

/** Index of the CR; -1: something else stands there. */
function endOfValue(bytes: Uint8Array, from: number): number {
  let at = from;
  while (VALUE[bytes[at] ?? 0] === 1) at += 1;
  return bytes[at] === CR && bytes[at + 1] === LF ? at : -1;
}

/** Without spaces and tabs around it; `trim` would take more than those. */
function trimmed(text: string, from: number, to: number): string {
  let start = from;
  let end = to;
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
