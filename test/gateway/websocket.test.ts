/**
 * WebSocket libraries of others through the shipped gateway: the tests that Python's websocket-client comes with, and Node's ws at both
 * ends over TLS, with compression.
 */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { WebSocket, WebSocketServer } from 'ws';
import { needsProgram } from '../support/debian.ts';
import { Running } from '../support/running-gateway.ts';

const run = promisify(execFile);

/** Where the Debian package puts it. */
const TESTS = '/usr/lib/python3/dist-packages/websocket/tests/test_websocket.py';
/** Names below localhost are not found everywhere (`lo doctor` tells); that is no matter of WebSockets. */
const SUITE = `
import socket, unittest
find = socket.getaddrinfo
socket.getaddrinfo = lambda host, *rest, **more: find('127.0.0.1' if host == 'web.localhost' else host, *rest, **more)
names = ['websocket.tests.test_websocket', 'websocket.tests.test_app', 'websocket.tests.test_abnf']
class Result(unittest.TextTestResult):
    def addSuccess(self, test):
        print(test._testMethodName)
result = unittest.TextTestRunner(resultclass=Result).run(unittest.defaultTestLoader.loadTestsFromNames(names))
raise SystemExit(not result.wasSuccessful())
`;
const OVER_THE_WIRE = [
  'testWebSocket',
  'testPingPong',
  'testWebSocketWithCustomHeader',
  'testAfterClose',
  'testSockOpt',
];

test('the tests of Python’s websocket-client pass through it', async (t) => {
  const find = (): string | null => (existsSync(TESTS) ? TESTS : null);
  if (!(await needsProgram(t, find, 'python3-websocket'))) return;
  const gateway = await echoBehind(t, false);
  if (gateway === null) return;
  // What the tests take for an address becomes the user of a URL whose host is ours.
  const port = `@web.localhost:${gateway.ports.http}`;
  const env = { PATH: process.env.PATH ?? '', LOCAL_WS_SERVER_PORT: port, NO_PROXY: '*' };
  const { stdout } = await run('/usr/bin/python3', ['-c', SUITE], { env, timeout: 120_000 });
  const passed = stdout.split('\n');
  assert.deepEqual(
    OVER_THE_WIRE.filter((name) => !passed.includes(name)),
    [],
    stdout,
  );
});

test('ws: text, large binary in pieces, pings, a protocol and a close with its reason, with compression, over TLS', async (t) => {
  const gateway = await echoBehind(t, true);
  if (gateway === null) return;
  const client = new WebSocket(`wss://127.0.0.1:${gateway.ports.https}/`, 'echo.v1', {
    headers: { host: 'web.localhost' },
    ...{ servername: 'web.localhost', rejectUnauthorized: false },
    perMessageDeflate: true,
  });
  await once(client, 'open');
  assert.equal(client.protocol, 'echo.v1');
  assert.match(client.extensions, /permessage-deflate/);
  const heard: Buffer[] = [];
  client.on('message', (bytes: Buffer) => heard.push(bytes));
  const sent = [Buffer.from('grüße'), randomBytes(3 << 20), Buffer.alloc(5 << 20, 'again and ')];
  for (const bytes of sent) client.send(bytes);
  client.send('first ', { fin: false });
  client.send('last');
  client.ping('still there?');
  assert.equal(String((await once(client, 'pong'))[0]), 'still there?');
  const wanted = [...sent, Buffer.from('first last')];
  assert.equal(heard.length, wanted.length);
  assert.ok(heard.every((bytes, index) => wanted[index]?.equals(bytes)));
  client.close(4001, 'that was all');
  const [code, reason] = await once(client, 'close');
  assert.deepEqual([code, String(reason)], [4001, 'that was all']);
});

async function echoBehind(t: TestContext, secure: boolean): Promise<Running | null> {
  const server = new WebSocketServer({
    ...{ host: '127.0.0.1', port: 0, perMessageDeflate: true },
    handleProtocols: (offered) => [...offered][0] ?? false,
  });
  server.on('connection', (socket) =>
    socket.on('message', (bytes: Buffer, binary: boolean) => socket.send(bytes, { binary })),
  );
  await once(server, 'listening');
  t.after(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  return await Running.start(t, { secure, target: (server.address() as AddressInfo).port });
}
