/**
 * Two readers, one meaning: what the engine accepts of random requests is read the same by Node's parser, before and after it was
 * passed on. `FUZZ_ROUNDS` and `FUZZ_SEED` lengthen and repeat it (`npm run fuzz`).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Next, nextRequest } from '../../../src/gateway/http1/next-request.ts';
import { Repeats } from '../../../src/gateway/http1/repeats.ts';
import type { RequestFields, RequestHead } from '../../../src/gateway/http1/request-head.ts';
import { type Accepted, acceptedRequests, passedOn } from '../../support/accepted-requests.ts';
import { type Heard, Llhttp } from '../../support/llhttp.ts';
import { fuzzedRequests } from '../../support/request-fuzzer.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 4000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_26);

test(`${ROUNDS} random requests (seed ${SEED}) are read alike by the engine and by llhttp`, async () => {
  const llhttp = new Llhttp();
  let accepted = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = fuzzedRequests(SEED * 1_000_003 + round);
    const ours = readByEngine(bytes);
    if (ours.length === 0) continue;
    const [before, after] = [await llhttp.read(bytes), await llhttp.read(passedOn(ours))];
    const words = `seed ${SEED}, round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`;
    assert.equal(after.error, null, `llhttp refuses what is passed on; ${words}`);
    assert.equal(after.requests.length, ours.length, `another count passed on; ${words}`);
    assert.ok(before.requests.length >= ours.length, `llhttp reads fewer (${before.error}); ${words}`);
    for (const [index, one] of ours.entries()) {
      assert.deepEqual(
        meaningOf(after.requests[index], words),
        one.meaning,
        `read otherwise behind us; ${words}`,
      );
      assert.deepEqual(
        asItCame(before.requests[index], words),
        one.meaning,
        `read otherwise before us; ${words}`,
      );
    }
    accepted += ours.length;
  }
  // A reader that refuses everything is safe and useless; so is a generator that only makes noise.
  assert.ok(accepted > ROUNDS / 2, `${accepted} were accepted`);
});

test(`${ROUNDS} random requests (seed ${SEED}) are read as before by whoever remembers the last lines of their client`, () => {
  const met = { remembered: 0, others: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = fuzzedRequests(SEED * 1_000_003 + round);
    const anew = nextRequest(bytes);
    for (const before of [bytes, withLine(bytes, 'PUT /other HTTP/1.1'), withLine(bytes, 'GET / HTTP/1.0')]) {
      const repeats = new Repeats<RequestFields>();
      const first = nextRequest(before, repeats);
      const again = nextRequest(bytes, repeats);
      assert.deepEqual(
        again,
        anew,
        `seed ${SEED}, round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`,
      );
      met[isRemembered(first, again) ? 'remembered' : 'others'] += 1;
    }
  }
  assert.ok(met.remembered > ROUNDS / 2 && met.others > ROUNDS / 5, JSON.stringify(met));
});

/** The first request of them begins otherwise. */
function withLine(bytes: Buffer, line: string): Buffer {
  return Buffer.concat([Buffer.from(line), bytes.subarray(Math.max(0, bytes.indexOf('\r\n')))]);
}

function isRemembered(first: Next, again: Next): boolean {
  return first.kind === 'request' && again.kind === 'request' && first.head.fields === again.head.fields;
}

test('the two readers are told apart when they differ', async () => {
  const llhttp = new Llhttp();
  const [first] = readByEngine(Buffer.from('GET /a HTTP/1.1\r\nHost: a.localhost\r\n\r\n'));
  const { requests, error } = await llhttp.read(Buffer.from('GET /b HTTP/1.1\r\nHost: a.localhost\r\n\r\n'));
  assert.notDeepEqual(asItCame(requests[0], ''), first?.meaning);
  assert.equal(error, null);
  assert.notEqual((await llhttp.read(Buffer.from('GET / HTTP/1.1\r\nHost : a\r\n\r\n'))).error, null);
  const cut = await llhttp.read(Buffer.from('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhe'));
  assert.equal(cut.requests[0]?.whole, false);
});

interface Meaning {
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly body: string;
  /** Lines that concern neither the way nor the length, in their order; blanks around values mean nothing. */
  readonly fields: readonly string[];
}

interface Read extends Accepted {
  readonly meaning: Meaning;
}

function readByEngine(bytes: Buffer): readonly Read[] {
  const accepted = acceptedRequests(bytes);
  let at = 0;
  for (const { end } of [...accepted, { end: bytes.length }]) {
    const rest = bytes.subarray(at);
    if (rest.length > 0) sameAlone(rest, nextRequest(rest));
    at = end;
  }
  return accepted.map((one) => ({ ...one, meaning: meaningAsRead(one.head, one.pieces) }));
}

/** A request that is all of a read goes a shorter way than one that others follow. */
function sameAlone(bytes: Buffer, next: Next): void {
  const from = bytes[0] === 0x0d && bytes[1] === 0x0a ? 2 : 0;
  const end = bytes.indexOf('\r\n\r\n', from, 'latin1') + 4;
  if (end < 4 || next.kind === 'more') return;
  assert.deepEqual(nextRequest(bytes.subarray(0, end)), next, JSON.stringify(bytes.toString('latin1')));
}

function meaningAsRead(head: RequestHead, pieces: readonly Buffer[]): Meaning {
  return {
    method: head.method,
    target: head.target,
    host: head.fields.hostField,
    body: Buffer.concat(pieces).toString('latin1'),
    fields: head.fields.kept
      .split('\r\n')
      .filter((line) => line !== '')
      .map((line) => fieldOf(line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1))),
  };
}

/** Of a request that passed the engine: without what the engine adds. */
function meaningOf(heard: Heard | undefined, words: string): Meaning {
  assert.ok(heard?.whole, `not whole for llhttp; ${words}`);
  const { method, target, body } = heard;
  const lines = pairs(heard);
  const host = lines.find(([name]) => name === 'Host')?.[1] ?? '';
  const fields = lines
    .filter(([name]) => !OURS.has(name.toLowerCase()))
    .map(([name, value]) => fieldOf(name, value));
  return { method, target, host, body, fields };
}

/** Of a request as the client sent it: without what the engine takes out, by the rules of its documentation. */
function asItCame(heard: Heard | undefined, words: string): Meaning {
  assert.ok(heard?.whole, `not whole for llhttp; ${words}`);
  const { method, body } = heard;
  const lines = pairs(heard);
  const host = lines.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const named = lines
    .filter(([name]) => name.toLowerCase() === 'connection')
    .flatMap(([, value]) =>
      value
        .toLowerCase()
        .split(',')
        .map((one) => one.trim()),
    );
  const fields = lines
    .filter(([name]) => {
      const plain = name.toLowerCase().replaceAll('_', '-');
      return (
        !OURS.has(plain) &&
        !HOP.has(plain) &&
        !plain.startsWith('x-forwarded-') &&
        !named.includes(name.toLowerCase())
      );
    })
    .map(([name, value]) => fieldOf(name, value));
  const target = heard.target.replace(/^https?:\/\/[^/?#]*(?=[/?#]|$)/i, '').replace(/^(?![/*])/, '/');
  return { method, target, host, body, fields };
}

const OURS = new Set([
  'host',
  'via',
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-port',
  'content-length',
  'transfer-encoding',
  'connection',
  'upgrade',
  'expect',
]);
const HOP = new Set(['te', 'trailer', 'keep-alive', 'proxy-connection', 'x-real-ip', 'http2-settings']);

function pairs({ fields }: Heard): readonly (readonly [string, string])[] {
  return Array.from({ length: fields.length / 2 }, (_, index) => [
    fields[2 * index] ?? '',
    fields[2 * index + 1] ?? '',
  ]);
}

function fieldOf(name: string, value: string): string {
  return `${name}: ${value.replace(/^[ \t]+|[ \t]+$/g, '')}`;
}
