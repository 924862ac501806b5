/** MySQL's client protocol as far as a login and one query go. Pure. Source: MySQL's internals manual, "Connection Phase". */

export interface MysqlPacket {
  readonly sequence: number;
  readonly body: Buffer;
}

/** What the server says first. */
export interface MysqlGreeting {
  readonly version: string;
  /** `mysql_native_password`; empty: too old to say. */
  readonly plugin: string;
}

const [LONG_PASSWORD, PROTOCOL_41, SECURE_CONNECTION, PLUGIN_AUTH] = [0x1, 0x200, 0x8000, 0x80000];
const UTF8 = 33;
const QUERY = 0x03;
const MOST = 0xff_ff_ff;

/** The whole ones. */
export function readPackets(bytes: Buffer): readonly MysqlPacket[] {
  const packets: MysqlPacket[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUIntLE(at, 3);
    if (end > bytes.length) break;
    packets.push({ sequence: bytes[at + 3] ?? 0, body: bytes.subarray(at + 4, end) });
    at = end;
  }
  return packets;
}

/** Null: it is none of protocol 10. */
export function greetingOf({ sequence, body }: MysqlPacket): MysqlGreeting | null {
  const end = body.indexOf(0, 1);
  if (sequence !== 0 || body[0] !== 10 || end < 2) return null;
  // Thread 4, salt 8, filler 1, capabilities 2, charset 1, status 2, capabilities 2, length of the salt 1, reserved 10, salt.
  const at = end + 1;
  if (body.length < at + 13) return null;
  const version = body.toString('latin1', 1, end);
  const rest = Math.max(13, (body[at + 20] ?? 0) - 8);
  const plugin = body.toString('latin1', at + 31 + rest).split('\0')[0] ?? '';
  return { version, plugin };
}

/** With an empty password, which no plugin has to scramble. */
export function loginPacket(user: string, { plugin }: MysqlGreeting): Buffer {
  const head = Buffer.alloc(32);
  const flags = LONG_PASSWORD + PROTOCOL_41 + SECURE_CONNECTION + (plugin === '' ? 0 : PLUGIN_AUTH);
  head.writeUInt32LE(flags, 0);
  head.writeUInt32LE(MOST, 4);
  head[8] = UTF8;
  const auth = plugin === '' ? '' : `${plugin}\0`;
  return packet(1, Buffer.concat([head, Buffer.from(`${user}\0\0${auth}`)]));
}

/** An empty password once more, as the plugin that the server asked for writes it. */
export function emptyPassword(sequence: number, plugin: string): Buffer {
  return packet(sequence, Buffer.alloc(/sha2|sha256/.test(plugin) ? 1 : 0));
}

export function queryPacket(sql: string): Buffer {
  return packet(0, Buffer.concat([Buffer.of(QUERY), Buffer.from(sql)]));
}

export const QUIT: Buffer = packet(0, Buffer.of(0x01));

/** Null: it is no error. */
export function errorOf(body: Buffer): { readonly code: number; readonly message: string } | null {
  if (body[0] !== 0xff || body.length < 3) return null;
  const message = body.toString('utf8', 3).replace(/^#[0-9A-Z]{5}/, '');
  return { code: body.readUInt16LE(1), message };
}

function packet(sequence: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeUIntLE(body.length, 0, 3);
  head[3] = sequence;
  return Buffer.concat([head, body]);
}
