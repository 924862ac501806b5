/** The engine over real sockets: raw bytes in, raw bytes out, between a client and a program that the test plays. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GET, OK, Rig } from '../../support/engine-rig.ts';
import { until } from '../../support/until.ts';

test('two requests on one connection, and one connection behind', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  for (let round = 0; round < 2; round += 1) {
    client.send(GET);
    const program = await rig.program();
    await program.hears(/^GET \/ HTTP\/1\.1\r\n[\s\S]*\r\n\r\n$/);
    program.forget();
    program.send(OK);
    await client.hears(/ok$/);
    client.forget();
  }
  assert.equal(rig.programs.length, 1);
});

test('pipelined requests are answered in their order, one after the other', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(GET.replace('/', '/one') + GET.replace('/', '/two'));
  const program = await rig.program();
  await program.hears(/GET \/one/);
  assert.doesNotMatch(program.text, /two/);
  program.send(OK.replace('ok', '01'));
  await program.hears(/GET \/two/);
  program.send(OK.replace('ok', '02'));
  await client.hears(/01[\s\S]*02$/);
});

test('lines that are sent again are passed on as if for the first time, whatever else changed', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  const lines = 'Host: a.localhost\r\nAccept: */*\r\nConnection: keep-alive\r\n';
  const asked = [
    'GET /one HTTP/1.1',
    'GET /two HTTP/1.1',
    'HEAD /two HTTP/1.1',
    'GET /two HTTP/1.0',
    'GET /three HTTP/1.1',
  ];
  const reply = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nKeep-Alive: timeout=5\r\nX-Own: 1\r\n\r\n';
  for (const line of asked) {
    client.send(`${line}\r\n${lines}\r\n`);
    const program = await rig.program();
    await program.hears(/\r\n\r\n$/);
    assert.equal(
      program.text,
      `${line.replace('/1.0', '/1.1')}\r\nHost: a.localhost\r\nAccept: */*\r\nX-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: a.localhost\r\nX-Forwarded-Port: 80\r\nForwarded: for=127.0.0.1;host="a.localhost";proto=http\r\nVia: 1.1 loopyard\r\n\r\n`,
    );
    program.forget();
    program.send(line.startsWith('HEAD') ? reply : `${reply}ok`);
    const goesOn = line.endsWith('/1.0') ? 'Connection: keep-alive\r\n' : '';
    const told = `HTTP/1.1 200 OK\r\nX-Own: 1\r\nContent-Length: 2\r\n${goesOn}\r\n${line.startsWith('HEAD') ? '' : 'ok'}`;
    await until(() => client.text.length >= told.length);
    assert.equal(client.text, told);
    client.forget();
  }
});

test('a chunked body is framed anew on both sides', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send('POST / HTTP/1.1\r\nHost: a.localhost\r\nTransfer-Encoding: chunked\r\n\r\n5;x=y\r\nhel');
  const program = await rig.program();
  await program.hears(/hel\r\n$/);
  client.send('lo\r\n0\r\nX-Trailer: 1\r\n\r\n');
  await program.hears(/2\r\nlo\r\n0\r\n\r\n$/);
  assert.doesNotMatch(program.text, /x=y|X-Trailer/);
  program.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;z\r\nok\r\n0\r\n\r\n');
  await client.hears(/\r\n\r\n2\r\nok\r\n0\r\n\r\n$/);
});

test('a program that breaks off in the middle is never a complete reply', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(GET);
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  program.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\npart');
  await client.hears(/part$/);
  program.socket.destroy();
  await client.closed();
  assert.equal(client.error, 'ECONNRESET');
});

test('a client that goes takes its request with it', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(GET);
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  client.socket.destroy();
  await program.closed();
  assert.deepEqual(rig.finished, [0]);
});

test('a connection that died while it was idle is no answer: a safe request is asked again, another one is not', async (t) => {
  const rig = await Rig.create(t);
  for (const [request, expected] of [
    [GET, /ok$/],
    ['POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 1\r\n\r\nx', /^HTTP\/1\.1 502 /],
  ] as const) {
    const client = rig.client();
    client.send(GET);
    const first = await rig.program();
    await first.hears(/\r\n\r\n$/);
    first.send(OK);
    await client.hears(/ok$/);
    client.forget();
    first.forget();
    // It reads the next request and dies: from here that cannot be told from having died before.
    first.socket.once('data', () => first.socket.destroy());
    client.send(request);
    await first.closed();
    if (request === GET) {
      const second = await rig.program();
      await second.hears(/\r\n\r\n$/);
      second.send(OK);
    }
    await client.hears(expected);
    client.socket.destroy();
    for (const program of rig.programs.splice(0)) program.socket.destroy();
  }
});

test('after 101 both sides are bytes, also those that came with the head', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send('GET / HTTP/1.1\r\nHost: a.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const program = await rig.program();
  await program.hears(/Upgrade: websocket\r\n\r\n$/);
  program.forget();
  program.send(
    'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n\x81\x02hi',
  );
  await until(() => client.text.endsWith('\x81\x02hi'));
  client.send('\x81\x02yo');
  await until(() => program.text === '\x81\x02yo');
  program.socket.end();
  await client.closed();
});

test('101 that nobody asked for is no way through', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(GET);
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  program.send('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await client.hears(/^HTTP\/1\.1 502 /);
  await program.closed();
});

test('103 and 100 pass on before the reply, and a body that is waited for comes after', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send('PUT / HTTP/1.1\r\nHost: a.localhost\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  const program = await rig.program();
  await program.hears(/Expect: 100-continue\r\n\r\n$/);
  program.send('HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
  await client.hears(/103 Early Hints\r\nLink: <\/a\.css>\r\n\r\nHTTP\/1\.1 100 Continue\r\n\r\n$/);
  client.send('hi');
  await program.hears(/\r\n\r\nhi$/);
  program.send(OK);
  await client.hears(/ok$/);
});

test('a reader that stops makes the program wait, and nobody keeps what it has not read', async (t) => {
  const rig = await Rig.create(t);
  const client = rig.client();
  client.send(GET);
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  client.socket.pause();
  const piece = Buffer.alloc(1 << 20);
  program.socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${256 * piece.length}\r\n\r\n`);
  let sent = 0;
  while (sent < 256 && program.socket.write(piece)) sent += 1;
  // What is not taken stays with the program: kernels buffer a few MB, the engine one read.
  for (; sent < 256 && program.socket.writableLength < 64 * piece.length; sent += 1)
    program.socket.write(piece);
  assert.ok(program.socket.writableLength > 32 * piece.length);
  const before = program.socket.writableLength;
  client.socket.resume();
  await until(() => program.socket.writableLength < before / 2);
  client.socket.destroy();
});

test('HTTP/1.0 is answered by HTTP/1.0’s means, and a name that nobody has by a plain 404', async (t) => {
  const rig = await Rig.create(t);
  const old = rig.client();
  old.send('GET / HTTP/1.0\r\nHost: a.localhost\r\n\r\n');
  const program = await rig.program();
  await program.hears(/\r\n\r\n$/);
  program.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n');
  await old.hears(/Connection: close\r\n\r\nok$/);
  await old.closed();
  const stranger = rig.client();
  stranger.send('GET / HTTP/1.1\r\nHost: bank.example.com\r\n\r\n');
  await stranger.hears(/^HTTP\/1\.1 404 Not Found\r\n[\s\S]*\r\n\r\n404 Not Found\n$/);
  assert.doesNotMatch(stranger.text, /a\.localhost/);
});
