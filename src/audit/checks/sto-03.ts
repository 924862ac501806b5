/** STO-03: a server of MongoDB's protocol tells its databases to whoever connects. */

import type { ListenerCheck } from '../check.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../probe/habit.ts';
import { dig, isRecord } from '../probe/json.ts';
import { bsonOf, int32, readBson } from '../protocols/bson.ts';
import { inconclusive, notApplicable, type Outcome, safe, vulnerable } from '../verdict.ts';

export const sto03: ListenerCheck = {
  id: 'STO-03',
  title: 'MongoDB answers without a password',
  about: 'listener',
  transport: 'tcp',
  severity: { loopback: 'medium', network: 'critical' },
  intrusive: false,
  references: ['CWE-306', 'CWE-1188'],
  speaks: ['other', 'silent'],
  requests: 1,
  fix: 'make a user, then set `security.authorization: enabled` in mongod.conf (or start it with `--auth`)',
  probe: 'Sends the command `listDatabases` with `nameOnly`, as a message without a login.',
  rule: 'Vulnerable when the reply to this very message has a list of databases. Safe when it is an error of authorization (13, 18). That it says hello proves nothing.',
  examine: async (context) => {
    const patience = patienceFor(context, HABIT);
    if (patience === null) return notApplicable(NOT_ASKED);
    const id = Number.parseInt(Buffer.from(context.nonce()).toString('hex', 1, 4), 16);
    const wire = await context.connect(patience);
    wire.send(message(id));
    const { bytes } = await wire.receive(isEnough);
    wire.close();
    return judge(bytes, id);
  },
};

const HABIT: Habit = { ports: [27_017, 27_018, 27_019], program: /\b(?:mongo[ds]|ferretdb)\b/, waits: false };
const OP_MSG = 2013;
const HEADER = 16;
/** Flags, then the kind of the only section. */
const BODY = HEADER + 5;
const UNAUTHORIZED: readonly unknown[] = [13, 18];
const STARTING: readonly unknown[] = [91, 11_600, 13_436];

function message(id: number): Buffer {
  const body = bsonOf({ listDatabases: 1, nameOnly: true, $db: 'admin' });
  const length = BODY + body.length;
  return Buffer.concat([int32(length), int32(id), int32(0), int32(OP_MSG), Buffer.alloc(5), body]);
}

function isEnough(bytes: Buffer): boolean {
  if (bytes.length < HEADER) return false;
  return bytes.readInt32LE(12) !== OP_MSG || bytes.length >= bytes.readInt32LE(0);
}

function judge(bytes: Buffer, id: number): Outcome {
  const isReply = bytes.length > BODY && bytes.readInt32LE(12) === OP_MSG && bytes.readInt32LE(8) === id;
  const reply = isReply ? readBson(bytes.subarray(BODY)) : null;
  if (reply === null) return notApplicable('it does not speak the protocol of MongoDB');
  const code = dig(reply, 'code');
  if (UNAUTHORIZED.includes(code)) return safe(`it refuses to list its databases (error ${String(code)})`);
  if (STARTING.includes(code)) return inconclusive('it is starting or stopping');
  const databases = dig(reply, 'databases');
  if (dig(reply, 'ok') !== 1 || !isRecord(databases))
    return notApplicable('it answers as MongoDB does, and lists no databases');
  return vulnerable('proven', [
    'a message without a login was answered, with the number that it had',
    `the answer lists ${Object.keys(databases).length} databases`,
  ]);
}
