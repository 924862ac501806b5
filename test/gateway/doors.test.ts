/** The gateway's own process under attack: doors that are spoken to wrongly, ten thousand connections, neighbours that must not notice. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectSecurely } from 'node:tls';
import { Running } from '../support/running-gateway.ts';
import { until } from '../support/until.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: web.localhost\r\n\r\n';

test('who speaks plainly at the secure door is told the way, and who speaks TLS at the plain one is told no', async (t) => {
  const gateway = await Running.start(t, { secure: true });
  if (gateway === null) return;
  const { https, http } = gateway.ports;
  const plain = await said(
    https,
    `${REQUEST.replace('GET /', 'GET /a?b').replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')}`,
  );
  assert.match(plain, /^HTTP\/1\.1 308 /);
  assert.ok(plain.includes(`Location: https://web.localhost:${https}/a?b\r\n`));
  const stranger = await said(https, 'GET / HTTP/1.1\r\nHost: bank.example.com\r\nConnection: close\r\n\r\n');
  assert.match(stranger, /^HTTP\/1\.1 404 /);
  assert.match(await said(http, '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'), /^HTTP\/1\.1 400 /);
  assert.equal(await statusOf(gateway), 200);
});

test('TLS that is garbage, of another name or without one costs nothing but its own connection', async (t) => {
  const gateway = await Running.start(t, { secure: true });
  if (gateway === null) return;
  assert.equal(
    await said(gateway.ports.https, `\x16\x03\x01\x00\x05${'\xff'.repeat(500)}`),
    await said(gateway.ports.https, '\x16\x03\x01\x00\x05hello'),
  );
  for (const servername of ['bank.example.com', '']) {
    const socket = connectSecurely({
      host: '127.0.0.1',
      port: gateway.ports.https,
      servername,
      rejectUnauthorized: false,
    });
    const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
    assert.match(error.code ?? '', /ECONNRESET|SSL/);
  }
  assert.equal(await statusOf(gateway), 200);
});

test('an abort reaches a client under TLS as an abort too', async (t) => {
  const gateway = await Running.start(t, { secure: true }, (_request, response) => {
    response.writeHead(200, { 'Content-Length': '100' });
    response.write('part', () => response.destroy());
  });
  if (gateway === null) return;
  const [response] = await once(gateway.get(), 'response');
  await assert.rejects(async () => {
    for await (const _ of response);
  }, /aborted|ECONNRESET/);
});

test('thousands of idle and slow connections: the neighbours are served', async (t) => {
  const gateway = await Running.start(t, { secure: false });
  if (gateway === null) return;
  const sockets: Socket[] = [];
  t.after(() => {
    for (const socket of sockets) socket.destroy();
  });
  const wanted = mostConnections();
  for (let count = 0; count < wanted; count += 1) {
    // From many addresses: one has 28 thousand ports, and others need some too.
    const from = `127.77.${1 + (count % 8)}.1`;
    const socket = connect({ host: '127.0.0.1', port: gateway.ports.http, localAddress: from });
    // It is cut off or not: what counts is what the neighbours see.
    socket.on('error', () => undefined);
    sockets.push(socket);
    if (count % 3 === 1) socket.write('GET / HTTP/1.1\r\nHost: web.loc');
    if (count % 3 === 2)
      socket.write('POST / HTTP/1.1\r\nHost: nobody.localhost\r\nContent-Length: 9\r\n\r\nab');
    if (count % 200 === 199) await once(socket, 'connect');
  }
  const took: number[] = [];
  for (let round = 0; round < 200; round += 1) {
    const began = performance.now();
    assert.equal(await statusOf(gateway), 200);
    took.push(performance.now() - began);
    const victim = sockets[round];
    victim?.write('\0garbage\r\n\r\n');
  }
  took.sort((one, other) => one - other);
  // A timeout, or a pass over all connections for each request, would show as seconds.
  assert.ok((took[197] ?? 0) < 5000, `p99 ${took[197]} ms beside ${wanted} connections`);
  assert.ok(gateway.memoryMb() < 500, `${gateway.memoryMb()} MB`);
});

/** Each end of a connection is a descriptor of its own process. */
function mostConnections(): number {
  const limit = /Max open files\s+\d+\s+(\d+)/.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return Math.min(10_000, Number(limit ?? 4096) - 500);
}

/** What the gateway answers to these bytes until it closes. */
async function said(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1');
  let text = '';
  socket.on('data', (part: string) => {
    text += part;
  });
  // A reset is a close for who asks what was said.
  socket.on('error', () => undefined);
  socket.write(bytes, 'latin1');
  await until(() => socket.closed);
  return text;
}

async function statusOf(gateway: Running): Promise<number> {
  const [response] = await once(gateway.get(), 'response');
  response.resume();
  await once(response, 'end');
  return response.statusCode;
}
