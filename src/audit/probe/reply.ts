/** One HTTP/1 reply from bytes: lenient where it does not matter, since what is looked at may be broken. Pure; it must not know sockets. */

export interface Field {
  /** Lower case. */
  readonly name: string;
  readonly value: string;
}

export interface Reply {
  readonly version: string;
  readonly status: number;
  readonly fields: readonly Field[];
  /** Without transfer coding; as far as it came. */
  readonly body: Buffer;
  /** The body ended where its head says. */
  readonly whole: boolean;
  /** Where the reply ended in the bytes; what comes after it is another one. */
  readonly length: number;
}

const HEAD_END = '\r\n\r\n';

/** Null: these bytes are no HTTP reply, or its head is not complete. Interim ones (1xx but 101) are skipped. `bodyless`: to a HEAD. */
export function parseReply(bytes: Buffer, { bodyless = false } = {}): Reply | null {
  let from = 0;
  // Some send a reply of the real one's size in interim ones, and some never stop.
  for (let interim = 0; interim <= MOST_INTERIM; interim += 1) {
    const rest = bytes.subarray(from);
    const head = headOf(rest);
    if (head === null) return null;
    if (head.status >= 200 || head.status === 101) return replyOf(rest, head, from, bodyless);
    from += head.body;
  }
  return null;
}

const MOST_INTERIM = 100;

interface Head {
  readonly version: string;
  readonly status: number;
  readonly fields: readonly Field[];
  /** Where the body begins. */
  readonly body: number;
}

function headOf(bytes: Buffer): Head | null {
  const end = headEnd(bytes);
  if (end === null) return null;
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end.head).split(/\r?\n/);
  const match = /^HTTP\/(\d\.\d) (\d{3})(?: |$)/.exec(statusLine);
  if (match === null) return null;
  const [, version = '', code = ''] = match;
  return { version, status: Number(code), fields: lines.flatMap(fieldOf), body: end.body };
}

/** `before`: bytes of interim replies. */
function replyOf(bytes: Buffer, head: Head, before: number, bodyless: boolean): Reply {
  const { version, status, fields } = head;
  const rest = bytes.subarray(head.body);
  const none = bodyless || status === 101 || status === 204 || status === 304;
  const { body, whole, used } = none ? { body: Buffer.alloc(0), whole: true, used: 0 } : bodyOf(rest, fields);
  return { version, status, fields, body, whole, length: before + head.body + used };
}

/** The first value of that name; null: there is none. */
export function header(reply: Pick<Reply, 'fields'>, name: string): string | null {
  return reply.fields.find((field) => field.name === name)?.value ?? null;
}

export function bodyText(reply: Pick<Reply, 'body'>): string {
  return reply.body.toString('utf8');
}

function headEnd(bytes: Buffer): { readonly head: number; readonly body: number } | null {
  const strict = bytes.indexOf(HEAD_END);
  const bare = bytes.indexOf('\n\n');
  if (strict < 0 && bare < 0) return null;
  if (strict >= 0 && (bare < 0 || strict < bare)) return { head: strict, body: strict + HEAD_END.length };
  return { head: bare, body: bare + 2 };
}

function fieldOf(line: string): readonly Field[] {
  const colon = line.indexOf(':');
  if (colon < 1) return [];
  return [{ name: line.slice(0, colon).trim().toLowerCase(), value: line.slice(colon + 1).trim() }];
}

interface Body {
  readonly body: Buffer;
  readonly whole: boolean;
  readonly used: number;
}

function bodyOf(rest: Buffer, fields: readonly Field[]): Body {
  if (/\bchunked\b/i.test(header({ fields }, 'transfer-encoding') ?? '')) return dechunk(rest);
  const length = header({ fields }, 'content-length');
  // Up to the end of the connection: whoever reads knows whether that came.
  if (length === null || !/^\d+$/.test(length)) return { body: rest, whole: false, used: rest.length };
  const body = rest.subarray(0, Number(length));
  return { body, whole: body.length === Number(length), used: body.length };
}

function dechunk(bytes: Buffer): Body {
  const parts: Buffer[] = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf('\r\n', at);
    const size = line < 0 ? Number.NaN : Number.parseInt(bytes.toString('latin1', at, line), 16);
    if (Number.isNaN(size)) return { body: Buffer.concat(parts), whole: false, used: bytes.length };
    const from = line + 2;
    if (size === 0) {
      const end = bytes.indexOf('\r\n', from);
      return { body: Buffer.concat(parts), whole: end >= 0, used: end < 0 ? bytes.length : end + 2 };
    }
    parts.push(bytes.subarray(from, from + size));
    if (from + size + 2 > bytes.length)
      return { body: Buffer.concat(parts), whole: false, used: bytes.length };
    at = from + size + 2;
  }
}
