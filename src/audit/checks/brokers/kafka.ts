/** Whether a Kafka broker tells about its cluster without a login. Source: Kafka's protocol guide, ApiVersions v0 and Metadata v1 and v4. */

import type { ListenerContext } from '../../check.ts';
import { type Habit, NOT_ASKED, patienceFor } from '../../probe/habit.ts';
import { notApplicable, type Outcome, safe, vulnerable } from '../../verdict.ts';

const HABIT: Habit = { ports: [9092, 9094, 19_092], program: /\b(?:kafka\.Kafka|redpanda)\b/, waits: false };
const [METADATA, API_VERSIONS] = [3, 18];
const MOST_BROKERS = 10_000;

export async function lookAtKafka(context: ListenerContext): Promise<Outcome> {
  const patience = patienceFor(context, HABIT);
  if (patience === null) return notApplicable(NOT_ASKED);
  const id = context.nonce();
  const wire = await context.connect(patience);
  try {
    wire.send(request(API_VERSIONS, 0, numberOf(id, 0), Buffer.alloc(0)));
    const versions = versionsOf(answerTo((await wire.receive(isWhole)).bytes, numberOf(id, 0)));
    const metadata = versions?.get(METADATA);
    if (metadata === undefined) return notApplicable('it does not speak the protocol of Kafka');
    // No topic is named, and none is made: the brokers alone are told.
    const isOld = metadata <= 1;
    const body = isOld ? Buffer.alloc(4) : Buffer.alloc(5);
    wire.send(request(METADATA, isOld ? 1 : 4, numberOf(id, 3), body));
    const answer = answerTo((await wire.receive(isWhole)).bytes, numberOf(id, 3));
    if (answer === null) return safe('it tells its versions, and hangs up without a login');
    const brokers = answer.length < (isOld ? 4 : 8) ? -1 : answer.readInt32BE(isOld ? 0 : 4);
    if (brokers < 0 || brokers > MOST_BROKERS) return notApplicable('its answer is none of Kafka');
    return vulnerable(
      'proven',
      [
        'it tells the versions of its protocol',
        `it names the ${brokers} brokers of its cluster without a login, in the answer to this very request`,
      ],
      {
        fix: 'use SASL: `listeners=SASL_PLAINTEXT://127.0.0.1:9092`, `sasl.enabled.mechanisms=SCRAM-SHA-256` and an authorizer in server.properties',
      },
    );
  } finally {
    wire.close();
  }
}

function numberOf(nonce: string, at: number): number {
  return Buffer.from(nonce).readUIntBE(1 + at, 3);
}

function request(api: number, version: number, id: number, body: Buffer): Buffer {
  const client = Buffer.from('loopyard');
  const head = Buffer.alloc(14);
  head.writeInt32BE(10 + client.length + body.length, 0);
  head.writeInt16BE(api, 4);
  head.writeInt16BE(version, 6);
  head.writeInt32BE(id, 8);
  head.writeInt16BE(client.length, 12);
  return Buffer.concat([head, client, body]);
}

function isWhole(bytes: Buffer): boolean {
  if (bytes.length < 4) return false;
  const size = bytes.readInt32BE(0);
  return size < 4 || size > MOST_BYTES || bytes.length >= 4 + size;
}

const MOST_BYTES = 1_000_000;

/** What comes after the number of the request; null: it is no answer to it. */
function answerTo(bytes: Buffer, id: number): Buffer | null {
  if (bytes.length < 8 || bytes.length !== 4 + bytes.readInt32BE(0) || bytes.readInt32BE(4) !== id)
    return null;
  return bytes.subarray(8);
}

/** The lowest version of each request; null: it is no such answer. */
function versionsOf(answer: Buffer | null): ReadonlyMap<number, number> | null {
  if (answer === null || answer.length < 6 || answer.readInt16BE(0) !== 0) return null;
  const count = answer.readInt32BE(2);
  if (count < 1 || answer.length < 6 + 6 * count) return null;
  const rows = Array.from({ length: count }, (_, index) => 6 + 6 * index);
  return new Map(rows.map((at) => [answer.readInt16BE(at), answer.readInt16BE(at + 2)]));
}
