/**
 * The short way that whole replies take, and the long way of all others, which cuts the head off first: one meaning; and it is the one
 * that Node's own client has of them. `FUZZ_ROUNDS` and `FUZZ_SEED` lengthen and repeat it (`npm run fuzz`).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyReader } from '../../../src/gateway/http1/body-reader.ts';
import { Repeats } from '../../../src/gateway/http1/repeats.ts';
import { parseResponseHead, type ResponseHead } from '../../../src/gateway/http1/response-head.ts';
import { wholeReply } from '../../../src/gateway/http1/whole-reply.ts';
import { readReply } from '../../support/llhttp-reply.ts';
import { fuzzedReply } from '../../support/reply-fuzzer.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 4000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_26);

test(`${ROUNDS} random replies (seed ${SEED}) are the same by the short way and by the long one`, () => {
  const met = { whole: 0, others: 0, remembered: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = fuzzedReply(SEED * 1_000_003 + round);
    const repeats = new Repeats<ResponseHead>();
    let before: ResponseHead | null = null;
    for (const method of ['GET', 'HEAD', 'GET']) {
      const short = wholeReply(bytes, method, repeats);
      const words = `seed ${SEED}, round ${round}, ${method}: ${JSON.stringify(bytes.toString('latin1'))}`;
      assert.deepEqual(short, theLongWay(bytes, method), words);
      met[short === null ? 'others' : 'whole'] += 1;
      if (short !== null && short.head === before) met.remembered += 1;
      if (method === 'GET') before = short?.head ?? null;
    }
  }
  // One that finds nothing whole is right and useless; so is a generator of nothing but noise.
  assert.ok(Math.min(met.whole, met.others, met.remembered) > ROUNDS / 5, JSON.stringify(met));
});

test(`${ROUNDS} random replies (seed ${SEED}) are read alike by the engine and by llhttp`, async (t) => {
  const met = { alike: 0, refusedByLlhttp: 0, others: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = fuzzedReply(SEED * 1_000_003 + round);
    const method = round % 4 === 0 ? 'HEAD' : 'GET';
    const ours = delivered(bytes, method);
    const theirs = ours === null ? null : await readReply(bytes, method);
    met[ours === null ? 'others' : theirs === null ? 'refusedByLlhttp' : 'alike'] += 1;
    // An early hint that says `Connection: close` ends everything for llhttp; we pass both on, framed anew.
    if (ours === null || theirs === null) continue;
    const words = `seed ${SEED}, round ${round}, ${method}: ${JSON.stringify(bytes.toString('latin1'))}`;
    assert.deepEqual(theirs, { ...ours, whole: true }, words);
  }
  t.diagnostic(JSON.stringify(met));
  assert.ok(met.alike > ROUNDS / 5 && met.others > ROUNDS / 5, JSON.stringify(met));
  assert.ok(met.refusedByLlhttp < ROUNDS / 100, JSON.stringify(met));
});

/** What a client gets that is told that it is whole, after which the program closed. Null: nothing like that, or bytes behind it. */
function delivered(bytes: Buffer, method: string): { readonly status: number; readonly body: string } | null {
  for (let at = 0; ; ) {
    const end = bytes.indexOf('\r\n\r\n', at, 'latin1') + 4;
    if (end < 4) return null;
    const text = bytes.toString('latin1', at, end);
    const head = parseResponseHead({ bytes: bytes.subarray(at, end), text }, method);
    if (typeof head === 'string' || head.status === 101) return null;
    at = end;
    if (head.status < 200) continue;
    const pieces: Buffer[] = [];
    const step = bodyReader(head.framing).read(bytes, at, (piece) => pieces.push(piece));
    if (typeof step === 'string') return null;
    const whole = head.framing.kind === 'until-close' || (step.done && step.end === bytes.length);
    return whole ? { status: head.status, body: Buffer.concat(pieces).toString('latin1') } : null;
  }
}

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
