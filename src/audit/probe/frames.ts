/** WebSocket frames (RFC 6455) from and to bytes, and what class a message is of: two answers are compared by that. Pure. */

import { normalise } from './normalise.ts';

export interface Frame {
  readonly kind: 'text' | 'binary' | 'close' | 'ping' | 'pong';
  readonly payload: Buffer;
}

const KINDS: Readonly<Record<number, Frame['kind']>> = {
  1: 'text',
  2: 'binary',
  8: 'close',
  9: 'ping',
  10: 'pong',
};
const OPCODES = { text: 1, ping: 9 } as const;

/** Whole messages, fragments joined. What is no frame ends it. */
export function parseFrames(bytes: Buffer): readonly Frame[] {
  const frames: Frame[] = [];
  let started: { readonly kind: Frame['kind']; readonly parts: Buffer[] } | null = null;
  for (let at = 0; ; ) {
    const frame = frameAt(bytes, at);
    if (frame === null) return frames;
    at = frame.next;
    const kind = KINDS[frame.opcode];
    if (frame.opcode === 0 && started !== null) started.parts.push(frame.payload);
    else if (kind === undefined) return frames;
    else if (frame.final) frames.push({ kind, payload: frame.payload });
    else started = { kind, parts: [frame.payload] };
    if (frame.opcode !== 0 || !frame.final || started === null) continue;
    frames.push({ kind: started.kind, payload: Buffer.concat(started.parts) });
    started = null;
  }
}

/** From a client: masked, with a mask that changes nothing, since nobody in between has to be kept from reading. */
export function clientFrame(kind: keyof typeof OPCODES, payload: string): Buffer {
  const body = Buffer.from(payload);
  if (body.length > 65_535) throw new Error('no message of ours is so long');
  const length = body.length < 126 ? [0x80 | body.length] : [0x80 | 126, body.length >> 8, body.length & 255];
  return Buffer.concat([Buffer.from([0x80 | OPCODES[kind], ...length, 0, 0, 0, 0]), body]);
}

/** What kind of message it is, whatever it tells this time: of JSON the shape and the words that name it. `echoed` as in `normalise`. */
export function frameClass({ kind, payload }: Frame, echoed: readonly string[]): string {
  if (kind === 'close') return `close ${payload.length >= 2 ? payload.readUInt16BE(0) : ''}`.trim();
  if (kind !== 'text') return kind;
  const text = payload.toString('utf8');
  const [, prefix = '', rest = ''] = /^([^[{]{0,8})([[{][\s\S]*)$/.exec(text) ?? [];
  const shape = shapeOf(rest);
  // Of what is no JSON the beginning: ticking data differs in its end.
  return shape === null
    ? `text ${normalise(text, echoed).slice(0, 32)}`
    : `${normalise(prefix, echoed)}${shape}`;
}

interface RawFrame {
  readonly final: boolean;
  readonly opcode: number;
  readonly payload: Buffer;
  readonly next: number;
}

/** Null: not all of it is there. */
function frameAt(bytes: Buffer, at: number): RawFrame | null {
  if (at + 2 > bytes.length) return null;
  const [first = 0, second = 0] = bytes.subarray(at, at + 2);
  const { length, head } = lengthAt(bytes, at, second & 0x7f);
  const masked = (second & 0x80) !== 0;
  const from = at + head + (masked ? 4 : 0);
  if (length === null || from + length > bytes.length) return null;
  const payload = Buffer.from(bytes.subarray(from, from + length));
  if (masked)
    for (let index = 0; index < length; index += 1)
      payload[index] = (payload[index] ?? 0) ^ (bytes[from - 4 + (index % 4)] ?? 0);
  return { final: (first & 0x80) !== 0, opcode: first & 0x0f, payload, next: from + length };
}

function lengthAt(
  bytes: Buffer,
  at: number,
  short: number,
): { readonly length: number | null; readonly head: number } {
  if (short < 126) return { length: short, head: 2 };
  const head = short === 126 ? 4 : 10;
  if (at + head > bytes.length) return { length: null, head };
  return { length: short === 126 ? bytes.readUInt16BE(at + 2) : Number(bytes.readBigUInt64BE(at + 2)), head };
}

/** Null: no JSON object or array. */
function shapeOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? shape(value) : null;
  } catch {
    // Then it is words.
    return null;
  }
}

const NAMING: readonly string[] = ['type', 'event', 'action', 'kind', 'op', 'method', 'channel', 'status'];

function shape(value: object): string {
  if (Array.isArray(value)) {
    const [first] = value as readonly unknown[];
    return `[${typeof first === 'string' ? first.slice(0, 32) : typeof first}]`;
  }
  const members = Object.entries(value as Record<string, unknown>).map(([key, member]) =>
    NAMING.includes(key) && typeof member === 'string' ? `${key}=${member.slice(0, 32)}` : key,
  );
  return `{${members.sort().join()}}`;
}
