/** What flows for long through the shipped gateway: WebSocket, events, Vite's hot reload by name, and bodies larger than memory should hold. */

import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { createServer as createVite } from 'vite';
import { Running } from '../support/running-gateway.ts';
import { until } from '../support/until.ts';

const SIZE = 1 << 30;

test('WebSocket: binary messages of all lengths come back as they went, and a close from either side is one', async (t) => {
  const sockets: Socket[] = [];
  const program = createServer().on('upgrade', (asked: IncomingMessage, socket: Socket) => {
    sockets.push(socket);
    socket.write(accept(asked.headers['sec-websocket-key'] ?? ''));
    // An echo of the bytes is an echo of the frames, masked as they came.
    socket.pipe(socket);
  });
  program.listen(0, '127.0.0.1');
  await once(program, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    program.close();
  });
  const gateway = await Running.start(t, { secure: true, target: (program.address() as AddressInfo).port });
  if (gateway === null) return;
  for (const closer of ['client', 'program']) {
    const client = await openWebSocket(gateway);
    let [sent, heard] = [Buffer.alloc(0), Buffer.alloc(0)];
    client.on('data', (bytes: Buffer) => {
      heard = Buffer.concat([heard, bytes]);
    });
    for (const length of [0, 1, 125, 126, 65_535, 65_536, 1 << 20]) {
      const bytes = frame(2, randomBytes(length));
      sent = Buffer.concat([sent, bytes]);
      client.write(bytes);
    }
    await until(() => heard.length === sent.length);
    assert.ok(heard.equals(sent));
    const last = sockets.at(-1);
    if (closer === 'client') client.end(frame(8, Buffer.from([3, 232])));
    else last?.end();
    await until(() => client.closed && last?.closed === true);
  }
});

test('an event reaches the client before the next one is made', async (t) => {
  const gateway = await Running.start(t, { secure: true }, (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: 0\n\n');
    send = (text) => response.write(text);
  });
  let send: (text: string) => void = () => undefined;
  if (gateway === null) return;
  const [response] = await once(gateway.get(), 'response');
  let text = '';
  response.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  // Its end is that of the test.
  response.on('error', () => undefined);
  for (let event = 0; event < 5; event += 1) {
    await until(() => text.endsWith(`data: ${event}\n\n`));
    send(`data: ${event + 1}\n\n`);
  }
  response.destroy();
});

test("Vite's hot reload works through the gateway by name", async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'vite-'));
  t.after(() => rmSync(root, { recursive: true }));
  writeFileSync(join(root, 'index.html'), '<script type="module" src="/main.js"></script>');
  writeFileSync(join(root, 'main.js'), 'import.meta.hot?.accept(); export const n = 1;');
  const vite = await createVite({
    root,
    configFile: false,
    logLevel: 'silent',
    cacheDir: join(root, 'cache'),
    server: { host: '127.0.0.1', port: 0, watch: { usePolling: true, interval: 50 } },
  });
  t.after(() => vite.close());
  await vite.listen();
  const place = vite.httpServer?.address() as AddressInfo | null | undefined;
  assert.ok(place);
  const gateway = await Running.start(t, { secure: true, target: place.port });
  if (gateway === null) return;
  assert.match(await bodyOf(gateway, '/'), /\/@vite\/client/);
  assert.match(await bodyOf(gateway, '/main.js'), /n = 1/);
  const token = vite.config.webSocketToken;
  const client = await openWebSocket(gateway, `/?token=${token}`, 'vite-hmr');
  let text = '';
  client.on('data', (bytes: Buffer) => {
    text += bytes.toString('latin1');
  });
  await until(() => text.includes('"connected"'));
  writeFileSync(join(root, 'main.js'), 'import.meta.hot?.accept(); export const n = 2;');
  await until(() => text.includes('"js-update"') && text.includes('/main.js'));
  assert.match(await bodyOf(gateway, '/main.js?t=2'), /n = 2/);
  client.destroy();
});

test('a download and an upload of 1 GB pass whole, and the gateway holds little of a slow one', async (t) => {
  const piece = randomBytes(1 << 20);
  const gateway = await Running.start(t, { secure: false }, (asked, response) => {
    if (asked.method === 'PUT') {
      sameBytes(asked, piece).then(
        (length) => response.end(String(length)),
        () => response.destroy(),
      );
      return;
    }
    let left = SIZE / piece.length;
    const more = (): void => {
      for (; left > 0 && !response.writableNeedDrain; left -= 1) response.write(piece);
      if (left === 0) response.end();
      else response.once('drain', more);
    };
    more();
  });
  if (gateway === null) return;
  const before = gateway.memoryMb();
  const [slow] = await once(gateway.get(), 'response');
  // It is not read: what the program has sent lies in kernels, the rest with the program.
  const [download] = await once(gateway.get(), 'response');
  assert.equal(await sameBytes(download, piece), SIZE);
  assert.ok(gateway.memoryMb() - before < 100, `${before} -> ${gateway.memoryMb()} MB`);
  const upload = request({
    host: '127.0.0.1',
    port: gateway.ports.http,
    method: 'PUT',
    headers: { host: 'web.localhost' },
  });
  for (let sent = 0; sent < SIZE; sent += piece.length) if (!upload.write(piece)) await once(upload, 'drain');
  upload.end();
  const [reply] = await once(upload, 'response');
  assert.equal(await textOf(reply), String(SIZE));
  assert.ok(gateway.memoryMb() - before < 100, `${before} -> ${gateway.memoryMb()} MB`);
  slow.on('error', () => undefined).destroy();
});

/** How many there were of a body that is `piece` again and again. */
async function sameBytes(message: IncomingMessage, piece: Buffer): Promise<number> {
  let length = 0;
  for await (const bytes of message as AsyncIterable<Buffer>) {
    for (let at = 0; at < bytes.length; ) {
      const from = length % piece.length;
      const part = bytes.subarray(at, at + piece.length - from);
      assert.ok(part.equals(piece.subarray(from, from + part.length)), `byte ${length}`);
      at += part.length;
      length += part.length;
    }
  }
  return length;
}

async function textOf(message: IncomingMessage): Promise<string> {
  let text = '';
  for await (const part of message.setEncoding('utf8')) text += part as string;
  return text;
}

async function bodyOf(gateway: Running, path: string): Promise<string> {
  const [response] = await once(gateway.get(path), 'response');
  assert.equal(response.statusCode, 200);
  return await textOf(response);
}

/** RFC 6455 4.2.2. */
function accept(key: string): string {
  const proof = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${proof}\r\n\r\n`;
}

/** Over TLS, by name; what follows the head is data. */
async function openWebSocket(gateway: Running, path = '/', protocol?: string): Promise<Socket> {
  const socket = connectSecurely({
    host: '127.0.0.1',
    port: gateway.ports.https,
    servername: 'web.localhost',
    rejectUnauthorized: false,
  });
  const key = randomBytes(16).toString('base64');
  const wish = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: web.localhost\r\nOrigin: https://web.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n${wish}\r\n`,
  );
  let head = Buffer.alloc(0);
  while (!head.includes('\r\n\r\n'))
    head = Buffer.concat([head, ...((await once(socket, 'data')) as Buffer[])]);
  const end = head.indexOf('\r\n\r\n') + 4;
  const text = head.toString('latin1', 0, end);
  assert.match(text, /^HTTP\/1\.1 101 /);
  const [, proof] = /sec-websocket-accept: *(\S+)/i.exec(text) ?? [];
  assert.ok(accept(key).includes(`Accept: ${proof}\r\n`));
  if (end < head.length) socket.unshift(head.subarray(end));
  return socket;
}

/** A whole message of a client (RFC 6455 5.2), masked by zeros, which leave it readable. */
function frame(opcode: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const head = Buffer.alloc(size + 4);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (size === 4) head.writeUInt16BE(length, 2);
  if (size === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, content]);
}
