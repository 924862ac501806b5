/**
 * What is written to a socket past Node's own queue, and by it where its inside is not known: whole and in its order, whoever reads how
 * slowly, and the end behind all of it. What the system has not taken is known at any moment.
 */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { connect as connectSecurely, createServer as createSecureServer } from 'node:tls';
import { type Random, randomFrom } from '../../../src/core/faults/random.ts';
import { handleOf } from '../../../src/gateway/sockets/inside.ts';
import { Outflow } from '../../../src/gateway/sockets/outflow.ts';
import { reset } from '../../../src/gateway/sockets/reset.ts';
import { certificate } from '../../audit/support/certificates.ts';
import { until } from '../../support/until.ts';

const WAYS = [
  { words: 'TCP', secure: false, known: true },
  { words: 'TLS', secure: true, known: true },
  { words: 'TCP by streams', secure: false, known: false },
  { words: 'TLS by streams', secure: true, known: false },
] as const;

for (const way of WAYS) {
  test(`${way.words}: texts and buffers of all sizes arrive whole and in order, and then the end`, async (t) => {
    const { outflow, reader, drains } = await pair(t, way);
    const sent = createHash('sha256');
    let heard: (() => string) | null = null;
    // Nobody reads before the socket has had too much once.
    for (let round = 0; round < 300 || heard === null; round += 1) {
      const size = (round * 7919) % 60_000;
      const text = String.fromCharCode(round % 256).repeat(size);
      sent.update(text, 'latin1');
      // Now and then whoever writes does not wait, as one that ends a message must not.
      const before = drains();
      if (outflow.write(round % 3 === 0 ? Buffer.from(text, 'latin1') : text) || round % 2 === 0) continue;
      assert.equal(outflow.isFull, true);
      heard ??= hashOf(reader);
      await until(() => drains() > before);
      assert.equal(outflow.isFull, false);
    }
    outflow.end();
    await once(reader, 'end');
    assert.equal(heard(), sent.digest('hex'));
    assert.equal(outflow.waiting, 0);
  });

  test(`${way.words}: one long write and the end at once, for a reader who begins late`, async (t) => {
    const { outflow, reader } = await pair(t, way);
    let finished = false;
    const long = Buffer.alloc(20_000_000, 'x');
    assert.equal(outflow.write(long), false);
    assert.ok(outflow.waiting > 0);
    outflow.end(() => {
      finished = true;
    });
    assert.equal(outflow.ended, true);
    assert.equal(finished, false);
    const heard = hashOf(reader);
    await once(reader, 'end');
    assert.equal(heard(), createHash('sha256').update(long).digest('hex'));
    await until(() => finished);
  });

  test(`${way.words}: among many writes small ones wait for the end of the turn, and nothing overtakes or loses them`, async (t) => {
    const crowd = await pair(t, way);
    await crowded(crowd.outflow);
    const { outflow, reader } = await pair(t, way);
    const heard = textOf(reader);
    let sent = '';
    const write = (data: string | Buffer): void => {
      outflow.write(data);
      sent += data.toString('latin1');
    };
    write('first');
    for (let round = 0; round < 50; round += 1) {
      await drained(outflow);
      write(`${round}`);
      // By streams, and before it has a handle, nothing is held; the system is not asked twice where it is.
      if (way.known) assert.ok(outflow.waiting > 0, `${round}`);
      write('a');
      if (round % 3 === 0) write(Buffer.from('b'));
      if (round % 4 === 0) write('c'.repeat(5000));
      if (round % 5 === 0 && !way.secure) assert.equal(outflow.rest(), null);
      write('d');
    }
    outflow.end();
    await once(reader, 'end');
    assert.equal(heard(), sent);
  });

  test(`${way.words}: what is held is not lost to a reset`, async (t) => {
    const crowd = await pair(t, way);
    await crowded(crowd.outflow);
    const { outflow, reader } = await pair(t, way);
    const heard = textOf(reader);
    outflow.write('first');
    await until(() => heard() === 'first');
    outflow.write('last');
    outflow.reset();
    await until(() => reader.closed);
    assert.equal(heard(), 'firstlast');
  });

  test(`${way.words}: a reader that resets ends the socket, and nobody is told to write on`, async (t) => {
    const { outflow, reader, drains } = await pair(t, way);
    assert.equal(outflow.write('x'.repeat(20_000_000)), false);
    outflow.write('more');
    reader.destroy();
    await until(() => outflow.socket.closed);
    assert.equal(drains(), 0);
    outflow.write('y');
    let finished = false;
    outflow.end(() => {
      finished = true;
    });
    await until(() => finished);
  });
}

test('the error of a write that the system refuses is the one that Node would give', async (t) => {
  const { outflow, reader } = await pair(t, { secure: false, known: true });
  const failed = once(outflow.socket, 'error');
  // At once, so that the socket writes before it can read of it.
  reset(reader);
  outflow.write('x');
  const [error] = (await failed) as [NodeJS.ErrnoException];
  assert.match(error.message, /^write (EPIPE|ECONNRESET)$/);
  assert.match(error.code ?? '', /^(EPIPE|ECONNRESET)$/);
  assert.equal(error.syscall, 'write');
});

test('what was taken by the system and what was not are the whole, whatever was written and read before', async (t) => {
  const random = randomFrom(7);
  let rests = 0;
  for (let round = 0; round < 40; round += 1) if (await restIsWhole(t, random, round)) rests += 1;
  assert.ok(rests > 10, `${rests} times there was something left`);
});

/** True: something was left. */
async function restIsWhole(t: TestContext, random: Random, round: number): Promise<boolean> {
  const { outflow, reader } = await pair(t, { secure: false, known: true });
  const heard: Buffer[] = [];
  const sent: Buffer[] = [];
  reader.on('data', (bytes: Buffer) => heard.push(bytes));
  for (let drains = Math.floor(random() * 3); drains > 0; drains -= 1) {
    reader.pause();
    fill(outflow, sent, random);
    reader.resume();
    await until(() => outflow.waiting === 0);
  }
  reader.pause();
  fill(outflow, sent, random);
  const rest = outflow.rest();
  outflow.socket.destroy();
  reader.resume();
  await once(reader, 'close');
  const whole = Buffer.concat([...heard, rest ?? Buffer.alloc(0)]);
  assert.ok(whole.equals(Buffer.concat(sent)), `round ${round}`);
  return rest !== null;
}

/** Until the system takes no more, and some on top; or only a little. */
function fill(outflow: Outflow, sent: Buffer[], random: Random): void {
  for (let most = random() < 0.8 ? 500 : 3; most > 0; most -= 1) {
    const bytes = randomBytes(1 + Math.floor(random() ** 2 * 200_000));
    outflow.write(random() < 0.5 ? bytes : bytes.toString('latin1'));
    sent.push(bytes);
    if (outflow.isFull && random() < 0.3) return;
  }
}

interface Pair {
  readonly outflow: Outflow;
  /** Reads nothing until it is told to. */
  readonly reader: Socket;
  /** How often the outflow said that it is dry. */
  drains(): number;
}

async function pair(
  t: TestContext,
  { secure, known }: { readonly secure: boolean; readonly known: boolean },
): Promise<Pair> {
  const server = secure
    ? createSecureServer({ ...(await certificate()), allowHalfOpen: true })
    : createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const met = taken(server, secure);
  const { port } = server.address() as AddressInfo;
  const reader = secure
    ? connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect(port, '127.0.0.1');
  reader.on('error', () => undefined);
  const socket = await met;
  if (reader.connecting) await once(reader, 'connect');
  server.close();
  socket.on('error', () => undefined);
  t.after(() => {
    reader.destroy();
    socket.destroy();
  });
  if (!known) hideInside(socket);
  assert.equal(handleOf(socket) !== null, known);
  let drains = 0;
  const outflow = new Outflow(socket, () => {
    drains += 1;
  });
  return { outflow, reader, drains: () => drains };
}

/** Writes so much in each turn that small writes wait for its end from then on. */
async function crowded(outflow: Outflow): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    for (let index = 0; index < 4; index += 1) outflow.write('.');
    await new Promise(setImmediate);
  }
}

async function drained(outflow: Outflow): Promise<void> {
  await until(() => outflow.waiting === 0);
}

function textOf(reader: Socket): () => string {
  let text = '';
  reader.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  return () => text;
}

/** A handle that lacks what is looked for. */
function hideInside(socket: Socket): void {
  const { _handle: handle } = socket as unknown as { readonly _handle: object };
  Object.defineProperty(handle, 'writeQueueSize', { value: undefined });
}

async function taken(server: Server, secure: boolean): Promise<Socket> {
  const [socket] = (await once(server, secure ? 'secureConnection' : 'connection')) as [Socket];
  return socket;
}

function hashOf(reader: Socket): () => string {
  const hash = createHash('sha256');
  reader.on('data', (bytes: Buffer) => hash.update(bytes));
  return () => hash.digest('hex');
}
