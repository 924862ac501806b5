/**
 * A third reader: what the engine accepts of random requests ends for nginx where it ends for us, before and after it was passed on.
 * `FUZZ_ROUNDS` and `FUZZ_SEED` lengthen and repeat it (`npm run fuzz`).
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Accepted, acceptedRequests, passedOn } from '../../support/accepted-requests.ts';
import { ensureProgram } from '../../support/debian.ts';
import { NginxReader, type NginxReading } from '../../support/nginx-reader.ts';
import { fuzzedRequests } from '../../support/request-fuzzer.ts';

const ROUNDS = Number(process.env.FUZZ_ROUNDS ?? 4000);
const SEED = Number(process.env.FUZZ_SEED ?? 20_26);

test(`${ROUNDS} random requests (seed ${SEED}) end for nginx where they end for the engine`, async (t) => {
  const program = await ensureProgram(t, { program: 'nginx', package: 'nginx-light' });
  if (program === null) return;
  const nginx = await NginxReader.start(program);
  t.after(() => nginx.close());
  const met = { passed: 0, refused: 0 };
  for (let round = 0; round < ROUNDS; round += 1) {
    const bytes = fuzzedRequests(SEED * 1_000_003 + round);
    const ours = acceptedRequests(bytes);
    if (ours.length === 0) continue;
    const words = `seed ${SEED}, round ${round}: ${JSON.stringify(bytes.toString('latin1'))}`;
    const end = ours.at(-1)?.end ?? 0;
    const before = await nginx.read(bytes.subarray(0, end));
    same(before, ours, `read otherwise before us; ${words}`);
    const after = await nginx.read(passedOn(ours));
    same(after, ours, `read otherwise behind us; ${words}`);
    // Who was asked to close says nothing of where the last one ended; what we pass on asks for nothing like that.
    assert.notEqual(after.behind, 'closed', words);
    if (after.behind === 'end') met.passed += 1;
    else met.refused += 1;
  }
  t.diagnostic(`${met.passed} read to the end, ${met.refused} refused by nginx`);
  // A reader that refuses everything is safe and useless; so is a generator that only makes noise.
  assert.ok(met.passed > ROUNDS / 3, JSON.stringify(met));
});

test('nginx is told apart where it reads otherwise', async (t) => {
  const program = await ensureProgram(t, { program: 'nginx', package: 'nginx-light' });
  if (program === null) return;
  const nginx = await NginxReader.start(program);
  t.after(() => nginx.close());
  const head = 'POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: ';
  const read = async (text: string): Promise<NginxReading> => nginx.read(Buffer.from(text));
  assert.deepEqual(await read(`${head}5\r\n\r\nhello`), { requests: ['POST /a a 5'], behind: 'end' });
  // Two bytes more are the beginning of another request, which nobody can read.
  assert.deepEqual(await read(`${head}3\r\n\r\nhello`), { requests: ['POST /a a 3'], behind: 400 });
  assert.deepEqual(await read('GET / HTTP/1.1\r\n\r\n'), { requests: [], behind: 400 });
  assert.deepEqual(await read('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'), {
    requests: ['GET / a none'],
    behind: 'closed',
  });
});

/** nginx may refuse what we take, and may be asked to close; but what it reads is what we read, and nothing else. */
function same({ requests, behind }: NginxReading, ours: readonly Accepted[], words: string): void {
  const read = requests.map((one, index) => (isChunked(ours[index]) ? one.replace(/\S+$/, 'chunked') : one));
  assert.deepEqual(read, ours.map(asRead).slice(0, requests.length), words);
  if (behind === 'end') assert.equal(requests.length, ours.length, words);
}

function asRead({ head }: Accepted): string {
  const { method, target, fields } = head;
  const { hostField, framing } = fields;
  return `${method} ${target} ${hostField} ${framing.kind === 'length' ? framing.length : framing.kind}`;
}

function isChunked(one: Accepted | undefined): boolean {
  return one?.head.fields.framing.kind === 'chunked';
}
