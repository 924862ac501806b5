/**
 * Opens a WebSocket as a page of some origin would, and listens (rule 5): that a server says 101 tells little, what it says then tells
 * all. It must not know checks.
 */

import { createHash, randomBytes } from 'node:crypto';
import { clientFrame, type Frame, frameClass, parseFrames } from './frames.ts';
import { compose } from './http.ts';
import type { SocketPlace } from './page.ts';
import { header, parseReply, type Reply } from './reply.ts';
import type { Connect, TlsOptions, Wire } from './wire.ts';

export interface Opening extends SocketPlace {
  /** As the browser sends it; null: no browser. */
  readonly origin: string | null;
  readonly host: string;
  /** Sent once it is open. */
  readonly message?: string;
}

export interface Heard {
  /** 101 with the right proof; whoever says 101 to everything has none. */
  readonly accepted: boolean;
  /** Null: no reply. */
  readonly status: number | null;
  readonly frames: readonly Frame[];
  /** Classes of the messages, each once. */
  readonly classes: readonly string[];
  /** Our ping came back with our word in it: somebody is there who speaks the protocol. */
  readonly pong: boolean;
  /** It was closed while we listened. */
  readonly closed: boolean;
}

/** Listening goes on for so long after the pong, or the message; without a pong for `PONG_MS`. */
const LISTEN_MS = 900;
const PONG_MS = 3000;

export interface SocketTools {
  readonly connect: Connect;
  readonly tls: TlsOptions | null;
}

/** One connection. Throws `ProbeFailure` only when none comes about. */
export async function openSocket(opening: Opening, { connect, tls }: SocketTools): Promise<Heard> {
  const key = randomBytes(16).toString('base64');
  const wire = await connect(tls === null ? {} : { tls });
  try {
    wire.send(upgrade(opening, key));
    const { bytes } = await wire.receive((all) => parseReply(all) !== null);
    const reply = parseReply(bytes);
    if (reply === null || !isAccepted(reply, key)) return { ...NOTHING, status: reply?.status ?? null };
    return await listen(wire, bytes.subarray(reply.length), opening);
  } finally {
    wire.close();
  }
}

const NOTHING: Heard = { accepted: false, status: null, frames: [], classes: [], pong: false, closed: false };

function upgrade({ path, protocol, origin, host }: Opening, key: string): string {
  const headers = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': key,
    ...(protocol === null ? {} : { 'sec-websocket-protocol': protocol }),
    ...(origin === null ? {} : { origin }),
  };
  return compose({ path, host, headers }, host);
}

/** RFC 6455 §4.2.2 */
function isAccepted(reply: Reply, key: string): boolean {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return reply.status === 101 && header(reply, 'sec-websocket-accept') === proof;
}

async function listen(wire: Wire, before: Buffer, { message, host, origin }: Opening): Promise<Heard> {
  const word = randomBytes(6).toString('hex');
  wire.send(clientFrame('ping', word));
  if (message !== undefined) wire.send(clientFrame('text', message));
  const isPong = ({ kind, payload }: Frame): boolean => kind === 'pong' && payload.toString() === word;
  const isOver = (frames: readonly Frame[]): boolean => frames.some(({ kind }) => kind === 'close');
  const first = await wire.receive((bytes) => {
    const frames = parseFrames(Buffer.concat([before, bytes]));
    return frames.some(isPong) || isOver(frames);
  }, PONG_MS);
  const start = Buffer.concat([before, first.bytes]);
  const rest =
    first.end === 'complete'
      ? await wire.receive((bytes) => isOver(parseFrames(Buffer.concat([start, bytes]))), LISTEN_MS)
      : first;
  const frames = parseFrames(rest === first ? start : Buffer.concat([start, rest.bytes]));
  const words = [host, origin ?? '', word].filter((one) => one !== '');
  const messages = frames.filter(({ kind }) => kind === 'text' || kind === 'binary');
  return {
    accepted: true,
    status: 101,
    frames: messages,
    classes: [...new Set(messages.map((frame) => frameClass(frame, words)))],
    pong: frames.some(isPong),
    closed: isOver(frames) || rest.end === 'closed' || rest.end === 'reset',
  };
}
