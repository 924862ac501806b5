/** Whether a server of CQL runs queries without a login. Source: Cassandra's `native_protocol_v4.spec`. */

import type { ListenerContext } from '../../check.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../../probe/habit.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../../verdict.ts';

const HABIT: Habit = { ports: [9042], program: /\b(?:CassandraDaemon|scylla)\b/, waits: false };
const [REQUEST, RESPONSE] = [0x04, 0x84];
const [STARTUP, QUERY] = [0x01, 0x07];
const [ERROR, READY, AUTHENTICATE, RESULT] = [0x00, 0x02, 0x03, 0x08];
const HEADER = 9;
const MOST_BYTES = 1_000_000;

export async function lookAtCassandra(context: ListenerContext): Promise<Outcome> {
  const patience = patienceFor(context, HABIT);
  if (patience === null) return notApplicable(NOT_ASKED);
  // Streams are counted up to 32767.
  const stream = Buffer.from(context.nonce()).readUInt16BE(1) & 0x7fff;
  const wire = await context.connect(patience);
  try {
    wire.send(frame(stream, STARTUP, Buffer.concat([Buffer.of(0, 1), text('CQL_VERSION'), text('3.0.0')])));
    const opcode = opcodeOf((await wire.receive(isWhole)).bytes, stream);
    if (opcode === null) return notApplicable('it does not speak CQL');
    if (opcode === AUTHENTICATE) return safe('it asks for a user and a password');
    if (opcode !== READY) return inconclusive(`it answers to STARTUP with message ${opcode}`);
    wire.send(frame(stream, QUERY, query('SELECT key FROM system.local')));
    const result = opcodeOf((await wire.receive(isWhole)).bytes, stream);
    if (result === ERROR) return safe('it carries no query out for a stranger');
    if (result !== RESULT) return inconclusive('it is ready, and answers to no query');
    return vulnerable(
      'proven',
      ['it was ready at once (READY), and asked for no login', 'it gave the result of a query'],
      {
        fix: 'set `authenticator: PasswordAuthenticator` in cassandra.yaml, and change the password of the user `cassandra`',
      },
    );
  } finally {
    wire.close();
  }
}

function frame(stream: number, opcode: number, body: Buffer): Buffer {
  const head = Buffer.alloc(HEADER);
  head[0] = REQUEST;
  head.writeInt16BE(stream, 2);
  head[4] = opcode;
  head.writeInt32BE(body.length, 5);
  return Buffer.concat([head, body]);
}

/** Consistency ONE, no flags. */
function query(cql: string): Buffer {
  const words = Buffer.from(cql);
  const length = Buffer.alloc(4);
  length.writeInt32BE(words.length);
  return Buffer.concat([length, words, Buffer.of(0, 1, 0)]);
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(0, bytes.length), bytes]);
}

function isWhole(bytes: Buffer): boolean {
  if (bytes.length < HEADER) return bytes.length > 0 && (bytes[0] ?? 0) < 0x81;
  const length = bytes.readInt32BE(5);
  return length < 0 || length > MOST_BYTES || bytes.length >= HEADER + length;
}

/** Null: it is no answer to our frame. */
function opcodeOf(bytes: Buffer, stream: number): number | null {
  const isOurs = bytes.length >= HEADER && bytes[0] === RESPONSE && bytes.readInt16BE(2) === stream;
  return isOurs && bytes.length >= HEADER + bytes.readInt32BE(5) ? (bytes[4] ?? null) : null;
}
