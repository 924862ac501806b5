/**
 * HTTP/1.1 as checks send it: byte by byte what they ask for, one connection for each request, nothing followed and nothing kept. With
 * the controls that answers are compared to (rule 1), asked once for each listener. It must not know checks.
 */

import { isLoopback } from '../../core/loopback.ts';
import { isSimilar, normalise } from './normalise.ts';
import { bodyText, header, parseReply, type Reply } from './reply.ts';
import { type Connect, ProbeFailure, type Received, type TlsOptions } from './wire.ts';

export interface Request {
  readonly method?: string;
  /** As it goes onto the wire: nothing is normalised or escaped. */
  readonly path?: string;
  /** Instead of the listener's own authority. */
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The body of the reply may be a secret: it is not kept as evidence. */
  readonly confidential?: boolean;
}

export interface Http {
  /** What an honest client of this machine sends as Host. */
  readonly authority: string;
  /** Null: it speaks plain HTTP. For connections of your own. */
  readonly tls: TlsOptions | null;
  /** Throws `ProbeFailure` when no HTTP reply comes. A body that never ends comes as far as it came. */
  request(request?: Request): Promise<Reply>;
  /** Null: it hangs up without an answer, as some do at what they do not like. */
  attempt(request: Request): Promise<Reply | null>;
  /** Bytes of your own, and all that comes back until the server is done or silent. */
  raw(bytes: string | Uint8Array): Promise<Received>;
  /** Bytes of your own, and the first whole reply; null: none came. */
  exact(bytes: string | Uint8Array): Promise<Reply | null>;
  /** An honest GET of this machine. Asked once for all checks. */
  control(path?: string): Promise<Reply>;
  /** The same once more: whoever answers two honest requests differently cannot be compared. */
  isSteady(path?: string): Promise<boolean>;
  /** An honest GET of a path that cannot exist. `page`: as a browser goes to it; `data`: as a script asks. */
  miss(kind: 'page' | 'data'): Promise<Reply>;
  /** False: a catch-all that says the same whatever it is asked, which proves nothing. */
  distinguishes(path?: string): Promise<boolean>;
  /** The same answer but for what it repeats of the request, times and nonces. `echoed`: words of your own that it may repeat. */
  isAlike(one: Reply, other: Reply, echoed?: readonly string[]): boolean;
}

/** Asked at most once for one listener, whichever check comes first. */
export class Controls {
  readonly #send: (request: Request) => Promise<Reply>;
  readonly #asked = new Map<string, Promise<Reply>>();
  /** Where an honest request was sent on to, outside of this machine. Never followed. */
  readonly elsewhere = new Set<string>();
  readonly words: readonly string[];
  readonly #miss: string;

  constructor(send: (request: Request) => Promise<Reply>, words: readonly string[], nonce: string) {
    this.#send = send;
    this.#miss = nonce;
    this.words = [...words, nonce, `${nonce}${MISSES.data.ending}`];
  }

  control(path: string, time: 1 | 2 = 1): Promise<Reply> {
    return this.#once(`${time} ${path}`, { path });
  }

  miss(kind: 'page' | 'data'): Promise<Reply> {
    const { accept, ending } = MISSES[kind];
    return this.#once(`miss ${kind}`, { path: `/${this.#miss}${ending}`, headers: { accept } });
  }

  #note(reply: Reply): Reply {
    const host = redirectHost(reply);
    if (host !== null && !isLoopback(host) && !/(^|\.)localhost$/i.test(host)) this.elsewhere.add(host);
    return reply;
  }

  #once(key: string, request: Request): Promise<Reply> {
    let asked = this.#asked.get(key);
    if (asked === undefined) {
      asked = this.#send(request).then((reply) => this.#note(reply));
      this.#asked.set(key, asked);
    }
    return asked;
  }
}

const ANY = '*/*';

/** A single page application gives its index to browsers whatever the path is, and to scripts seldom. */
const MISSES = {
  page: { accept: 'text/html', ending: '' },
  data: { accept: 'application/json', ending: '.json' },
} as const;

export function createHttp(send: (request: Request) => Promise<Reply>, tools: HttpTools): Http {
  const { authority, controls, connect, tls } = tools;
  const isAlike = (one: Reply, other: Reply, echoed: readonly string[] = []): boolean =>
    alike(one, other, [...controls.words, ...echoed]);
  return {
    authority,
    tls,
    request: (request = {}) => send(request),
    attempt: (request) => attempted(send(request)),
    raw: async (bytes) => await exchange(await connect(tls === null ? {} : { tls }), bytes, () => false),
    exact: async (bytes) => {
      const isWhole = (all: Buffer): boolean => parseReply(all)?.whole === true;
      return parseReply((await exchange(await connect(tls === null ? {} : { tls }), bytes, isWhole)).bytes);
    },
    control: (path = '/') => controls.control(path),
    miss: (kind) => controls.miss(kind),
    isAlike,
    isSteady: async (path = '/') => isAlike(await controls.control(path), await controls.control(path, 2)),
    distinguishes: async (path = '/') => {
      const control = await controls.control(path);
      const isLike = async (kind: 'page' | 'data'): Promise<boolean> =>
        isAlike(control, await controls.miss(kind), [MISSES[kind].accept, ANY]);
      return !(await isLike('data')) || !(await isLike('page'));
    },
  };
}

export interface HttpTools {
  readonly authority: string;
  readonly connect: Connect;
  readonly controls: Controls;
  /** Null: plain. */
  readonly tls: TlsOptions | null;
}

/** Sends over connections of its own. */
export function sender(connect: Connect, authority: string, tls: TlsOptions | null) {
  return async (request: Request): Promise<Reply> => {
    const { confidential = false } = request;
    const wire = await connect({ confidential, ...(tls === null ? {} : { tls }) });
    const bodyless = request.method === 'HEAD';
    try {
      wire.send(compose(request, authority));
      const { bytes, end } = await wire.receive((all) => parseReply(all, { bodyless })?.whole === true);
      const reply = parseReply(bytes, { bodyless });
      if (reply !== null)
        return end === 'closed' ? { ...reply, whole: reply.whole || !hasLength(reply) } : reply;
      if (bytes.length > 0) throw new ProbeFailure(`an answer that is no HTTP (${end})`);
      throw end === 'closed' || end === 'reset'
        ? new HungUp(`no answer (${end})`)
        : new ProbeFailure(`no answer (${end})`);
    } finally {
      wire.close();
    }
  };
}

class HungUp extends ProbeFailure {}

async function attempted(reply: Promise<Reply>): Promise<Reply | null> {
  try {
    return await reply;
  } catch (error) {
    // That is an answer as well: to this request alone.
    if (error instanceof HungUp) return null;
    throw error;
  }
}

/** One line for each header that is given, then an empty one. Headers of ours can be replaced by their names in lower case. */
export function compose(
  { method = 'GET', path = '/', host, headers = {}, body }: Request,
  authority: string,
): string {
  const all = {
    host: host ?? authority,
    'user-agent': 'loopyard-audit',
    accept: ANY,
    connection: 'close',
    ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${title(name)}: ${value}\r\n`);
  return `${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body ?? ''}`;
}

async function exchange(
  wire: Awaited<ReturnType<Connect>>,
  bytes: string | Uint8Array,
  isEnough: (all: Buffer) => boolean,
): Promise<Received> {
  try {
    wire.send(bytes);
    return await wire.receive(isEnough);
  } finally {
    wire.close();
  }
}

function alike(one: Reply, other: Reply, echoed: readonly string[]): boolean {
  if (one.status !== other.status) return false;
  const isSame = (of: (reply: Reply) => string, words: readonly string[]): boolean =>
    isSimilar(normalise(of(one), words), normalise(of(other), words));
  return (
    isSame((reply) => header(reply, 'content-type') ?? '', []) &&
    isSame((reply) => header(reply, 'location') ?? '', echoed) &&
    isSame(bodyText, echoed)
  );
}

/** Of an absolute Location, without brackets; null: there is none, or it stays where it is. */
function redirectHost(reply: Reply): string | null {
  if (reply.status < 300 || reply.status > 399) return null;
  const [, bracketed, plain] =
    /^(?:https?:)?\/\/(?:\[([^\]]+)\]|([^/:?#]+))/i.exec(header(reply, 'location') ?? '') ?? [];
  return bracketed ?? plain ?? null;
}

function hasLength(reply: Reply): boolean {
  return header(reply, 'content-length') !== null || header(reply, 'transfer-encoding') !== null;
}

/** As browsers write them: some servers are particular. */
function title(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letter) => letter.toUpperCase());
}
