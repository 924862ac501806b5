/** BSON, as much of it as MongoDB's commands and replies need. Pure; it must not know messages. Source: bsonspec.org, version 1.1. */

/** Whole numbers become int32. */
export function bsonOf(fields: Readonly<Record<string, string | number | boolean>>): Buffer {
  const elements = Object.entries(fields).map(([name, value]) => element(name, value));
  const body = Buffer.concat([...elements, Buffer.alloc(1)]);
  return Buffer.concat([int32(body.length + 4), body]);
}

/** Arrays become records with `0`, `1`, …; what is of no use here becomes null. Null: it is no whole document. */
export function readBson(bytes: Buffer): Readonly<Record<string, unknown>> | null {
  try {
    return readDocument(bytes, 0, 0);
  } catch (error) {
    // It ends before it should, or has a type that BSON has not.
    if (error instanceof RangeError) return null;
    throw error;
  }
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
}

function element(name: string, value: string | number | boolean): Buffer {
  const key = Buffer.from(`${name}\0`);
  if (typeof value === 'boolean') return Buffer.concat([Buffer.of(0x08), key, Buffer.of(Number(value))]);
  if (typeof value === 'number') return Buffer.concat([Buffer.of(0x10), key, int32(value)]);
  const text = Buffer.from(`${value}\0`);
  return Buffer.concat([Buffer.of(0x02), key, int32(text.length), text]);
}

/** A hostile server could nest without end. */
const DEEPEST = 20;

function readDocument(bytes: Buffer, from: number, depth: number): Record<string, unknown> {
  const end = from + bytes.readInt32LE(from);
  if (end > bytes.length || end < from + 5 || depth > DEEPEST) throw new RangeError('no document');
  const fields: Record<string, unknown> = {};
  let at = from + 4;
  while (at < end - 1) {
    const type = bytes[at];
    const name = bytes.indexOf(0, at + 1);
    if (name < 0 || name >= end) throw new RangeError('no name');
    const { value, used } = readValue(bytes, type ?? 0, name + 1, depth);
    fields[bytes.toString('utf8', at + 1, name)] = value;
    at = name + 1 + used;
  }
  return fields;
}

/** Bytes of types that are only stepped over. */
const SIZES: Readonly<Record<number, number>> = { 7: 12, 9: 8, 10: 0, 17: 8, 18: 8, 19: 16 };

function readValue(
  bytes: Buffer,
  type: number,
  at: number,
  depth: number,
): { readonly value: unknown; readonly used: number } {
  if (type === 0x01) return { value: bytes.readDoubleLE(at), used: 8 };
  if (type === 0x10) return { value: bytes.readInt32LE(at), used: 4 };
  if (type === 0x08) return { value: bytes.readUInt8(at) === 1, used: 1 };
  if (type === 0x05) return { value: null, used: 5 + bytes.readUInt32LE(at) };
  if (type === 0x02) {
    const length = bytes.readUInt32LE(at);
    return { value: bytes.toString('utf8', at + 4, at + 3 + length), used: 4 + length };
  }
  if (type === 0x03 || type === 0x04)
    return { value: readDocument(bytes, at, depth + 1), used: bytes.readInt32LE(at) };
  const size = SIZES[type];
  if (size === undefined) throw new RangeError(`no type ${type}`);
  return { value: null, used: size };
}
