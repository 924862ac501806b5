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
function isSingle(kind: Kind): boolean {
  switch (kind) {
    case 'host':
    case 'contentLength':
    case 'transferEncoding':
    case 'upgrade':
    case 'expect':
      return true;
    default:
      return false;
  }
}

/** A name of those above, or none in particular: what is as long and begins alike must be looked at. */
interface Suspect {
  readonly name: string;
  readonly kind: Kind;
}

/** Length and first letter tell most names apart from those above, without making a string of them. Index: length * 32 + letter. */
const SUSPECTS = suspects();
const LONGEST = 32;

/** `text`: latin1, one character a byte; `from`: the first field line. Reads up to and including the first empty line. */
export function readFields(text: string, from: number): Fields | Malformed {
  const sorted = new Sorted(from);
  let at = from;
  for (let count = 0; text.charCodeAt(at) !== CR; count += 1) {
    if (count === MOST_FIELDS) return 'too many fields';
    const next = readLine(text, at, sorted);
    if (typeof next === 'string') return next;
    at = next;
  }
  if (text.charCodeAt(at + 1) !== LF) return 'CR without LF';
  sorted.kept += text.slice(sorted.keptFrom, at);
  sorted.end = at + 2;
  return sorted;
}

class Sorted implements Fields {
  readonly specials: Specials = noSpecials();
  kept = '';
  end = 0;
  /** Since here nothing had to be left out: most heads are kept in a few long pieces. */
  keptFrom: number;

  constructor(from: number) {
    this.keptFrom = from;
  }
}

/** Index of the next line. */
function readLine(text: string, at: number, sorted: Sorted): number | Malformed {
  const colon = endOfName(text, at);
  if (colon < 0) return BAD_NAME;
  const end = endOfValue(text, colon + 1);
  if (end < 0) return BAD_VALUE;
  const kind = kindAt(text, at, colon);
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
  if (isSingle(kind)) {
    if (before !== null) return `several ${kind} fields`;
    // A blank to some programs, a character to others; nobody who means well sends one here.
    for (let at = from; at < to; at += 1) if (text.charCodeAt(at) === TAB) return `a tab in ${kind}`;
  }
  specials[kind] = before === null ? value : `${before}, ${value}`;
  return null;
}

function suspects(): readonly (Suspect | null)[] {
  const table = new Array<Suspect | null>(33 * 32).fill(null);
  for (let length = OUR_PREFIX.length; length < 33; length += 1)
    table[length * 32 + ('x'.charCodeAt(0) & 31)] = { name: '', kind: 'dropped' };
  for (const [name, kind] of KINDS) table[name.length * 32 + (name.charCodeAt(0) & 31)] = { name, kind };
  return table;
}

/** Null: the line passes on as it is. */
function kindAt(text: string, from: number, to: number): Kind | null {
  const length = to - from;
  if (length < LONGEST) {
    const suspect = SUSPECTS[length * 32 + (text.charCodeAt(from) & 31)] ?? null;
    if (suspect === null) return null;
    if (isNamed(text, from, suspect.name)) return suspect.kind;
  }
  return kindOf(text.slice(from, to));
}

/** `name`: in lower case. In a token, bit 5 tells upper case from lower case where there are two, and nothing becomes a mark by it. */
function isNamed(text: string, from: number, name: string): boolean {
  for (let at = 0; at < name.length; at += 1)
    if ((text.charCodeAt(from + at) | 0x20) !== name.charCodeAt(at)) return false;
  return name !== '';
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
