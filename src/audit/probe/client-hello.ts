/**
 * A TLS ClientHello of our own (RFC 5246), to ask for versions and ciphers that this machine's OpenSSL refuses to speak at all, and what a
 * server answers to it. Pure; it must not judge.
 */

export interface Hello {
  /** 0x0301 is TLS 1.0. */
  readonly version: number;
  readonly suites: readonly number[];
  /** 32 bytes. */
  readonly random: Buffer;
  readonly serverName: string | null;
}

/** One record. Curves and signatures are offered as an old browser did, so that a refusal is about version or cipher. */
export function clientHello({ version, suites, random, serverName }: Hello): Buffer {
  const extensions = Buffer.concat([
    ...(serverName === null
      ? []
      : [extension(0, list16(Buffer.concat([Buffer.from([0]), block16(Buffer.from(serverName))])))]),
    extension(10, list16(numbers([0x001d, 0x0017, 0x0018, 0x0019]))),
    extension(11, Buffer.from([1, 0])),
    ...(version < TLS_1_2
      ? []
      : [extension(13, list16(numbers([0x0401, 0x0403, 0x0804, 0x0501, 0x0601, 0x0201, 0x0203])))]),
  ]);
  const body = Buffer.concat([
    numbers([version]),
    random,
    Buffer.from([0]),
    block16(numbers(suites)),
    Buffer.from([1, 0]),
    block16(extensions),
  ]);
  const handshake = Buffer.concat([Buffer.from([1, 0]), block16(body)]);
  return Buffer.concat([Buffer.from([0x16, 0x03, 0x01]), block16(handshake)]);
}

const TLS_1_2 = 0x0303;

export interface ServerHello {
  readonly version: number;
  readonly suite: number;
  /** It went on to its certificate, keys or the end of its hello: it means to speak so. */
  readonly continued: boolean;
}

/** Null: it refused, or is not done, or is no TLS. */
export function serverHello(bytes: Buffer): ServerHello | null {
  const messages = handshakes(bytes);
  const [hello, next] = messages;
  if (hello?.type !== 2 || hello.body.length < 38) return null;
  const session = hello.body[34] ?? 0;
  if (hello.body.length < 37 + session) return null;
  return {
    version: hello.body.readUInt16BE(0),
    suite: hello.body.readUInt16BE(35 + session),
    continued: next !== undefined && [11, 12, 14].includes(next.type),
  };
}

/** An alert, or the beginning of what follows the hello: there is nothing to wait for. */
export function isAnswered(bytes: Buffer): boolean {
  return (
    bytes[0] === 0x15 ||
    handshakes(bytes).length > 1 ||
    (bytes.length > 5 && ![0x15, 0x16].includes(bytes[0] ?? 0))
  );
}

interface Handshake {
  readonly type: number;
  readonly body: Buffer;
}

/** Messages may share records, and one may span several. The last may be cut off: then its body is what there is of it. */
function handshakes(bytes: Buffer): readonly Handshake[] {
  const parts: Buffer[] = [];
  for (let at = 0; at + 5 <= bytes.length && bytes[at] === 0x16; ) {
    const end = at + 5 + bytes.readUInt16BE(at + 3);
    parts.push(bytes.subarray(at + 5, end));
    at = end;
  }
  const stream = Buffer.concat(parts);
  const messages: Handshake[] = [];
  for (let at = 0; at + 4 <= stream.length; ) {
    const end = at + 4 + stream.readUIntBE(at + 1, 3);
    messages.push({ type: stream[at] ?? 0, body: stream.subarray(at + 4, end) });
    at = end;
  }
  return messages;
}

function numbers(values: readonly number[]): Buffer {
  return Buffer.from(values.flatMap((value) => [value >> 8, value & 255]));
}

function block16(body: Buffer): Buffer {
  return Buffer.concat([numbers([body.length]), body]);
}

const list16 = block16;

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([numbers([type]), block16(body)]);
}
