/**
 * The short way that whole replies take, and the long way of all others, which cuts the head off first: one meaning. `FUZZ_ROUNDS` and
 * `FUZZ_SEED` lengthen and repeat it (`npm run fuzz`).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyReader } from '../../../src/gateway/http1/body-reader.ts';
import { parseResponseHead, type ResponseHead } from '../../../src/gateway/http1/response-head.ts';
import { wholeReply } from '../../../src/gateway/http1/whole-reply.ts';
import { fuzzedReply } from '../../support/reply-fuzzer.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 4000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_26);

test(`${ROUNDS} random replies (seed ${SEED}) are the same by the short way and by the long one`, () => {
  const met = { whole: 0, others: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = fuzzedReply(SEED * 1_000_003 + round);
    for (const method of ['GET', 'HEAD']) {
      const short = wholeReply(bytes, method);
      const words = `seed ${SEED}, round ${round}, ${method}: ${JSON.stringify(bytes.toString('latin1'))}`;
      assert.deepEqual(short, theLongWay(bytes, method), words);
      met[short === null ? 'others' : 'whole'] += 1;
    }
  }
  // One that finds nothing whole is right and useless; so is a generator of nothing but noise.
  assert.ok(met.whole > ROUNDS / 5 && met.others > ROUNDS / 5, JSON.stringify(met));
});

/** Null: wrong, an interim reply, not whole, without a length, or followed by something. */
function theLongWay(bytes: Buffer, method: string): { head: ResponseHead; body: string } | null {
  const end = bytes.indexOf('\r\n\r\n', 0, 'latin1') + 4;
  if (end < 4) return null;
  const text = bytes.toString('latin1', 0, end);
  const head = parseResponseHead({ bytes: bytes.subarray(0, end), text }, method);
  if (typeof head === 'string' || head.status < 200 || !['none', 'length'].includes(head.framing.kind))
    return null;
  const pieces: Buffer[] = [];
  const step = bodyReader(head.framing).read(bytes, end, (piece) => pieces.push(piece));
  if (typeof step === 'string' || !step.done || step.end !== bytes.length) return null;
  return { head, body: Buffer.concat(pieces).toString('latin1') };
}
