/** Clients that mean harm, or went wrong: over real sockets. What they cost is bounded, and they never reach what they should not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET, OK, type Peer, Rig } from '../../support/engine-rig.ts';
import { until } from '../../support/until.ts';

test('what is no request is told so at once, and not after a timeout', async (t) => {
  const rig = await Rig.create(t);
  for (const [noise, status] of [
    ['\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ['\0\0\0\0', 400],
    ['GET / HTTP/1.1\nHost: a.localhost\n\n', 400],
    ['\n', 400],
    [' GET / HTTP/1.1\r\n', 400],
    ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 505],
    [`GET / HTTP/1.1\r\nX: ${'x'.repeat(40_000)}`, 431],
  ] as const) {
    const client = rig.client();
    client.send(noise);
    await client.hears(new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Connection: close\r\n\r\n`));
    await until(() => client.socket.readableEnded);
    client.socket.destroy();
  }
  assert.equal(rig.programs.length, 0);
});

test('100 MB of headers are read by nobody', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send('GET / HTTP/1.1\r\nHost: a.localhost\r\n');
  const line = Buffer.from(`X-Long: ${'x'.repeat(1_048_576 - 10)}\r\n`);
  let sent = 0;
  // Until the engine stops listening: what was sent then lies in kernels.
  for (; sent < 100 && !client.socket.destroyed; sent += 1)
    await new Promise<void>((resolve) => {
      client.socket.write(line, () => resolve());
      client.socket.once('close', () => resolve());
      rig.pass(0);
      if (client.text !== '') rig.pass(5000);
    });
  await client.hears(/^HTTP\/1\.1 431 /);
  await client.closed();
  assert.ok(sent < 100, 'all of it was taken');
  assert.equal(rig.programs.length, 0);
});

test('requests that are sent on and on without reading a reply are not begun', async (t) => {
  for (const request of [GET, GET.replace('a.localhost', 'nobody.localhost')]) {
    const rig = await Rig.create(t);
    const client = rig.client();
    client.socket.pause();
    const body = 'x'.repeat(60_000);
    const reply = `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
    let answered = 0;
    const answer = (program: Peer): void => {
      program.socket.on('data', () => {
        answered += 1;
        program.send(reply);
      });
    };
    rig.onProgram(answer);
    client.send(request.repeat(100_000));
    await until(() => rig.connections.length > 0 && isStill(rig, client));
    assert.ok(answered < 2000, `${answered} were answered`);
    assert.ok(rig.waiting() < 4_000_000, `${rig.waiting()} bytes wait`);
    // It is heard again when it reads.
    client.socket.resume();
    await until(() => client.socket.bytesRead > 8_000_000);
    client.socket.destroy();
  }
});

test('a client that is slow has its time and no more: with a head, a body, and with reading', async (t) => {
  const rig = await Rig.create(t);
  const idle = rig.client();
  const head = rig.client();
  head.send('GET / HTTP/1.1\r\nHo');
  const body = rig.client();
  body.send('POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 5\r\n\r\nhe');
  await (await rig.program()).hears(/he$/);
  await until(() => rig.connections.length === 3 && rig.received(1) > 0);
  rig.pass(29_000);
  assert.ok([idle, head, body].every(({ socket, text }) => !socket.destroyed && text === ''));
  rig.pass(31_000);
  await head.hears(/^HTTP\/1\.1 408 /);
  await idle.closed();
  assert.equal(body.text, '');
  rig.pass(61_000);
  await body.hears(/^HTTP\/1\.1 408 /);
  assert.deepEqual(rig.finished, [0]);
});

test('a client that does not read its reply loses it after five minutes', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.socket.pause();
  client.send(GET);
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  const piece = Buffer.alloc(1 << 20);
  program.send(`HTTP/1.1 200 OK\r\nContent-Length: ${64 * piece.length}\r\n\r\n`);
  for (let sent = 0; sent < 64; sent += 1) program.socket.write(piece);
  await until(() => rig.waiting() > 0);
  rig.pass(290_000);
  assert.equal(program.socket.destroyed, false);
  rig.pass(301_000);
  await program.closed();
  client.socket.resume();
  await client.closed();
  assert.ok(client.text.length < 64 * piece.length);
});

test('a program that reads slowly costs its client no patience', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  const size = 64 << 20;
  client.send(`POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: ${size}\r\n\r\n`);
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  program.socket.pause();
  client.socket.write(Buffer.alloc(size));
  await until(() => rig.connections[0]?.deadline === Number.POSITIVE_INFINITY);
  rig.pass(3_600_000);
  let got = 0;
  program.socket.on('data', (text: string) => {
    got += text.length;
  });
  program.forget();
  program.socket.resume();
  await until(() => got >= size);
  program.send(OK);
  await client.hears(/ok$/);
});

test('a last reply is written whole, however long the client takes to read it', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.socket.pause();
  client.send('GET / HTTP/1.0\r\nHost: a.localhost\r\n\r\n');
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  const size = 16 << 20;
  program.send('HTTP/1.1 200 OK\r\n\r\n');
  program.socket.end(Buffer.alloc(size, 'x'));
  await until(() => rig.waiting() > 0);
  rig.pass(60_000);
  let got = 0;
  client.socket.on('data', (text: string) => {
    got += text.length;
  });
  client.socket.resume();
  await until(() => client.socket.readableEnded);
  assert.ok(got > size, `${got} bytes of ${size}`);
});

test('half a request and half a close: nothing is asked, and a reply under way is an abort', async (t) => {
  const rig = await Rig.create(t);
  const half = rig.client();
  half.socket.end('GET / HTTP/1.1\r\nHost: a.localhost\r\n', 'latin1');
  await half.closed();
  assert.equal(rig.programs.length, 0);
  const client = rig.client();
  client.send('GET / HTTP/1.0\r\nHost: a.localhost\r\n\r\n');
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  program.send('HTTP/1.1 200 OK\r\n\r\nfirst');
  await client.hears(/first$/);
  client.socket.end();
  await client.closed();
  assert.equal(client.error, 'ECONNRESET');
  await program.closed();
});

test('a body that breaks in the middle ends both sides, and what follows it is no request', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send('POST / HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n');
  const program = await rig.program();
  await program.hears(/2\r\nhi\r\n$/);
  client.send(`zz\r\n${GET}`);
  await client.hears(/^HTTP\/1\.1 400 /);
  await program.closed();
  assert.doesNotMatch(program.text, /GET/);
  assert.doesNotMatch(program.text, /0\r\n\r\n$/);
  assert.equal(rig.programs.length, 1);
});

test('an upload that came while its service was starting is whole when it is there', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  const size = 1 << 20;
  client.send(`POST / HTTP/1.1\r\nHost: held.localhost\r\nContent-Length: ${size}\r\n\r\n`);
  client.socket.write(Buffer.alloc(size, 'x'));
  await until(() => rig.received(0) > 65_536);
  rig.release();
  const program = await rig.program();
  await until(() => program.text.endsWith('x') && program.text.length > size);
  assert.equal(program.text.replace(/^[\s\S]*?\r\n\r\n/, '').length, size);
  program.send(OK);
  await client.hears(/ok$/);
});

test('a client that goes while its service starts is not forwarded', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(GET.replace('a.localhost', 'held.localhost'));
  await until(() => rig.received(0) > 0);
  client.socket.destroy();
  await until(() => rig.connections.length === 1 && rig.closed(0));
  rig.release();
  await until(() => rig.finished.length === 1);
  assert.deepEqual(rig.finished, [0]);
  assert.equal(rig.programs.length, 0);
});

test('an upgrade with a body that is not over is refused, and its bytes stay with the request', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(
    'POST / HTTP/1.1\r\nHost: a.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 10\r\n\r\n12345',
  );
  const program = await rig.program();
  await program.hears(/12345$/);
  program.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await client.hears(/^HTTP\/1\.1 502 /);
  await program.closed();
});

test('pipelined requests behind one whose target is another host go where their own Host says', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(`${GET}GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n${GET.replace('GET /', 'GET /third')}`);
  const program = await rig.program();
  await program.hears(/^GET \/ /);
  program.send(OK);
  await program.hears(/GET \/third/);
  program.send(OK.replace('ok', 'no'));
  await client.hears(/ok[\s\S]*404 Not Found\n[\s\S]*no$/);
  assert.doesNotMatch(program.text, /nobody/);
});

/** Nothing moves any more between the engine and this client. */
async function isStill(rig: Rig, client: Peer): Promise<boolean> {
  const before = [rig.waiting(), client.socket.writableLength, rig.finished.length].join();
  for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  return (
    before === [rig.waiting(), client.socket.writableLength, rig.finished.length].join() && rig.waiting() > 0
  );
}
