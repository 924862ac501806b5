/**
 * What a listener speaks, found out once for all checks with at most three connections: so raw probes go to no web server, and HTTP to
 * nobody who has said something else. It must not know single products.
 */

import { compose } from './http.ts';
import { parseReply, type Reply } from './reply.ts';
import { type Connect, LENIENT_TLS, ProbeFailure, type Wire } from './wire.ts';

/**
 * `greets`: it speaks first, as MySQL, SSH and SMTP do. `tls`: over TLS, and no HTTP in it. `echo`: it repeats what it is told, which
 * no probe can tell from an answer. `other`: it answers something else, or hangs up. `silent`: it takes connections and says nothing.
 * `mute`: it takes none.
 */
export type Speech = 'http' | 'https' | 'tls' | 'greets' | 'echo' | 'other' | 'silent' | 'mute';

export interface Identity {
  readonly speech: Speech;
  /** What it said to a line of random characters, or before it. */
  readonly garbage: Buffer;
  /** Why it is `mute`; null otherwise. */
  readonly why: string | null;
}

/** Time to greet. Whoever is slower is heard when the next probe is answered. */
const GREETING_MS = 150;
const GARBAGE_MS = 600;
const TLS_RECORDS: readonly number[] = [0x15, 0x16];

/** `IDENTIFY_REQUESTS` connections at most. */
export async function identify(connect: Connect, nonce: string, authority: string): Promise<Identity> {
  const nothing = Buffer.alloc(0);
  try {
    const { greeted, bytes, hungUp } = await saySomething(connect, nonce);
    const identity = (speech: Speech): Identity => ({ speech, garbage: bytes, why: null });
    if (greeted) return identity('greets');
    // An error that quotes the words is no echo.
    if (bytes.indexOf(nonce) === 0) return identity('echo');
    if (bytes.length > 0 && !isMarkup(bytes) && !TLS_RECORDS.includes(bytes[0] ?? 0))
      return identity('other');
    return identity((await web(connect, authority)) ?? (bytes.length > 0 || hungUp ? 'other' : 'silent'));
  } catch (error) {
    if (!(error instanceof ProbeFailure)) throw error;
    return { speech: 'mute', garbage: nothing, why: error.message };
  }
}

export const IDENTIFY_REQUESTS = 3;

interface Said {
  readonly greeted: boolean;
  readonly bytes: Buffer;
  readonly hungUp: boolean;
}

/** A line that means nothing to anybody. */
async function saySomething(connect: Connect, nonce: string): Promise<Said> {
  const wire = await connect();
  try {
    const greeting = await wire.receive((bytes) => bytes.length > 0, GREETING_MS);
    if (greeting.bytes.length > 0) return { greeted: true, bytes: greeting.bytes, hungUp: false };
    wire.send(`${nonce}\r\n\r\n`);
    const { bytes, end } = await wire.receive((all) => all.length > 0, GARBAGE_MS);
    return { greeted: false, bytes, hungUp: end !== 'silent' && end !== 'complete' };
  } finally {
    wire.close();
  }
}

/** Null: neither HTTP nor TLS. A server of HTTPS may say in plain HTTP that it wants TLS, always with 400. */
async function web(connect: Connect, authority: string): Promise<Speech | null> {
  const [plain, tls] = await Promise.all([overPlain(connect, authority), overTls(connect, authority)]);
  if (plain !== null && (plain.status !== 400 || tls === null)) return 'http';
  return tls;
}

async function overPlain(connect: Connect, authority: string): Promise<Reply | null> {
  try {
    return await replyOn(await connect(), authority);
  } catch (error) {
    // It took the first connection, so this one tells about its words alone.
    if (error instanceof ProbeFailure) return null;
    throw error;
  }
}

async function overTls(connect: Connect, authority: string): Promise<'https' | 'tls' | null> {
  try {
    const wire = await connect({ tls: LENIENT_TLS });
    return (await replyOn(wire, authority)) === null ? 'tls' : 'https';
  } catch (error) {
    // No handshake: no TLS.
    if (error instanceof ProbeFailure) return null;
    throw error;
  }
}

async function replyOn(wire: Wire, authority: string): Promise<Reply | null> {
  try {
    wire.send(compose({}, authority));
    const { bytes } = await wire.receive((all) => parseReply(all) !== null);
    return parseReply(bytes);
  } finally {
    wire.close();
  }
}

/** What web servers answer to nonsense, with a status line or, by the manners of HTTP/0.9, without. */
function isMarkup(bytes: Buffer): boolean {
  return /^(?:HTTP\/|\s*<)/i.test(bytes.toString('latin1', 0, 64));
}
