/** Whether ZooKeeper shows its tree without a login. Source: ZooKeeper's `zookeeper.jute`: ConnectRequest, GetChildrenRequest. */

import type { ListenerContext } from '../../check.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../../probe/habit.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../../verdict.ts';

const HABIT: Habit = {
  ports: [2181, 2182],
  program: /zookeeper|QuorumPeerMain|clickhouse-keeper/,
  waits: false,
};
const [GET_CHILDREN, CLOSE] = [8, -11];
const SESSION_MS = 4000;
/** NoAuth, AuthFailed, SessionClosedRequireSaslAuth. */
const REFUSED: readonly number[] = [-102, -115, -124];

export async function lookAtZookeeper(context: ListenerContext): Promise<Outcome> {
  const patience = patienceFor(context, HABIT);
  if (patience === null) return notApplicable(NOT_ASKED);
  const wire = await context.connect(patience);
  try {
    wire.send(framed(connectRequest()));
    const session = bodyOf((await wire.receive(isWhole)).bytes);
    // Version 0, a time, the number of the session, a password of 16 bytes, and since 3.4 whether it is read-only.
    const isSession = session !== null && (session.length === 36 || session.length === 37);
    if (!isSession || session.readInt32BE(0) !== 0 || session.readInt32BE(16) !== 16)
      return notApplicable('it does not speak the protocol of ZooKeeper');
    const xid = Buffer.from(context.nonce()).readUIntBE(1, 3);
    wire.send(framed(getChildren(xid)));
    const answer = bodyOf((await wire.receive(isWhole)).bytes);
    wire.send(framed(Buffer.concat([int(xid + 1), int(CLOSE)])));
    if (answer === null || answer.length < 16)
      return safe('it gives a session, and hangs up without a login');
    const error = answer.readInt32BE(12);
    if (answer.readInt32BE(0) !== xid) return inconclusive('its answer is to another request');
    if (error !== 0 || answer.length < 20)
      return REFUSED.includes(error)
        ? safe(`it refuses to show its tree (error ${error})`)
        : inconclusive(`it answers with error ${error}`);
    return vulnerable(
      'proven',
      ['it gave a session without a login', `it listed the ${answer.readInt32BE(16)} nodes below \`/\``],
      {
        fix: 'set `enforce.auth.enabled=true` and `enforce.auth.schemes=sasl` in zoo.cfg, and `clientPortAddress=127.0.0.1`',
      },
    );
  } finally {
    wire.close();
  }
}

function connectRequest(): Buffer {
  return Buffer.concat([
    int(0),
    Buffer.alloc(8),
    int(SESSION_MS),
    Buffer.alloc(8),
    int(16),
    Buffer.alloc(17),
  ]);
}

function getChildren(xid: number): Buffer {
  return Buffer.concat([int(xid), int(GET_CHILDREN), int(1), Buffer.from('/\0')]);
}

function framed(body: Buffer): Buffer {
  return Buffer.concat([int(body.length), body]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

const LONGEST = 1_048_575;

function isWhole(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const length = bytes.readInt32BE(0);
  return length < 0 || length > LONGEST || bytes.length >= 4 + length;
}

function bodyOf(bytes: Buffer): Buffer | null {
  return bytes.length >= 4 && bytes.length === 4 + bytes.readInt32BE(0) ? bytes.subarray(4) : null;
}
