/** The API over a real unix socket, with a workbench that the test plays: what strangers, mistakes and slow readers get. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { socketWorkbench } from '../../src/client/socket-workbench.ts';
import type { RouteName, Workbench } from '../../src/core/api.ts';
import { LoopyardError } from '../../src/core/errors.ts';
import type { EnvironmentStatus, LogLine, WatchEvent } from '../../src/core/status.ts';
import { Channel } from '../../src/daemon/channel.ts';
import { createApiServer } from '../../src/daemon/server.ts';
import { type Answers, fakeWorkbench } from '../support/fake-workbench.ts';

interface Rig {
  readonly path: string;
  readonly client: Workbench;
  readonly reports: unknown[];
  readonly replied: RouteName[];
}

async function serve(t: TestContext, answers: Answers): Promise<Rig> {
  const directory = mkdtempSync(join(tmpdir(), 'la-'));
  const path = join(directory, 's');
  const reports: unknown[] = [];
  const replied: RouteName[] = [];
  const server = createApiServer({
    workbench: fakeWorkbench(answers),
    replied: (route) => replied.push(route),
    report: (error) => reports.push(error),
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  });
  return { path, client: socketWorkbench(path, '/log'), reports, replied };
}

interface Answer {
  readonly status: number | undefined;
  readonly document: { readonly error?: { readonly code: string; readonly message: string } };
}

async function post(path: string, route: string, body: string | Buffer, method = 'POST'): Promise<Answer> {
  const sent = request({ socketPath: path, path: route, method, agent: false });
  // The server may answer and hang up before it has read everything.
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, document: JSON.parse(text) as Answer['document'] };
}

const target = { directory: '/shop' };

for (const [what, route, method] of [
  ['an unknown route', '/v1/nothing', 'POST'],
  ['another method', '/v1/ls', 'GET'],
  ['a path that climbs', '/v1/../v1/ls', 'POST'],
  ['a query', '/v1/ls?x=1', 'POST'],
] as const) {
  test(`${what} is refused in words`, async (t) => {
    const { path, reports } = await serve(t, {});
    const { status, document } = await post(path, route, '{}', method);
    assert.deepEqual([status, document.error?.code], [400, 'REQUEST_INVALID']);
    assert.ok(document.error?.message.includes(route));
    assert.deepEqual(reports, []);
  });
}

for (const body of ['{', '[]', '7', 'null', '"x"', '\u0000']) {
  test(`the body ${JSON.stringify(body)} is refused`, async (t) => {
    const { path } = await serve(t, {});
    const { status, document } = await post(path, '/v1/ps', body);
    assert.deepEqual([status, document.error?.code], [400, 'REQUEST_INVALID']);
  });
}

test('a body of 9 MB is refused with an answer, and the server lives', async (t) => {
  const list = { schema: 1, environments: [] } as const;
  const { path, client } = await serve(t, { ls: async () => list });
  const { status, document } = await post(path, '/v1/ps', Buffer.alloc(9_000_000, 'x'));
  assert.deepEqual([status, document.error?.code], [400, 'REQUEST_INVALID']);
  assert.match(document.error?.message ?? '', /8000000/);
  assert.deepEqual(await client.ls(), list);
});

test('garbage that is no HTTP ends that connection alone', async (t) => {
  const { path, client } = await serve(t, { ls: async () => ({ schema: 1, environments: [] }) });
  const socket = connect(path);
  socket.on('error', () => undefined);
  socket.write(Buffer.from([0, 255, 13, 10, 13, 10]));
  socket.resume();
  await once(socket, 'close');
  await client.ls();
});

test('a known error keeps code, status and details; an unknown one is a bug with its stack', async (t) => {
  const { path, client, reports } = await serve(t, {
    ps: async () => {
      throw new LoopyardError('ENVIRONMENT_NOT_FOUND', { path: '/shop' });
    },
    ls: async () => {
      throw new TypeError('oops');
    },
  });
  assert.equal((await post(path, '/v1/ps', JSON.stringify(target))).status, 404);
  await assert.rejects(client.ps(target), { code: 'ENVIRONMENT_NOT_FOUND', details: { path: '/shop' } });
  assert.deepEqual(reports, []);
  await assert.rejects(client.ls(), { code: 'INTERNAL' });
  assert.equal(reports.length, 1);
});

test('an error before the first document of a stream has its status, one after it ends the stream', async (t) => {
  const removed: WatchEvent = { type: 'removed', environment: 'x' };
  const { path, client } = await serve(t, {
    watch: () => failing([]),
    logs: () => {
      throw new LoopyardError('SERVICE_UNKNOWN', { service: 'x', fix: 'y' });
    },
    stop: () => failing([removed]),
  });
  const asked = JSON.stringify({ ...target, services: [], follow: false, tail: 1 });
  assert.equal((await post(path, '/v1/watch', asked)).status, 409);
  assert.equal((await post(path, '/v1/logs', asked)).status, 404);
  const heard: WatchEvent[] = [];
  const reading = (async () => {
    for await (const event of client.stop({ ...target, services: [] })) heard.push(event);
  })();
  await assert.rejects(reading, { code: 'ENVIRONMENT_BUSY' });
  assert.deepEqual(heard, [removed]);
});

async function* failing(before: readonly WatchEvent[]): AsyncGenerator<WatchEvent> {
  yield* before;
  throw new LoopyardError('ENVIRONMENT_BUSY', { environment: 'shop', doing: 'started' });
}

test('a reader that goes is noticed while nothing happens', async (t) => {
  const channel = new Channel<WatchEvent>();
  const left = new Promise<void>((resolve) => channel.onLeave(resolve));
  const { client } = await serve(t, { watch: () => channel });
  channel.push({ type: 'removed', environment: 'x' });
  for await (const _ of client.watch(target)) break;
  await left;
});

test('a reader that sleeps is dropped, not waited for, and hears that it was', async (t) => {
  const channel = new Channel<WatchEvent>();
  const left = new Promise<void>((resolve) => channel.onLeave(resolve));
  const { path } = await serve(t, { watch: () => channel });
  const socket = await sleeper(path, '/v1/watch');
  const event: WatchEvent = { type: 'removed', environment: 'x'.repeat(200) };
  let dropped = false;
  void left.then(() => {
    dropped = true;
  });
  let pushed = 0;
  for (; !dropped && pushed < 200_000; pushed += 1) {
    channel.push(event);
    if (pushed % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  await left;
  assert.ok(pushed < 200_000);
  let text = '';
  socket.on('data', (chunk) => {
    text = (text + chunk).slice(-2000);
  });
  socket.resume();
  await once(socket, 'close');
  assert.match(text, /"error":\{"code":"READER_TOO_SLOW"/);
  assert.doesNotMatch(text, /"end":true/);
});

test('log batches are made only as fast as they are read', async (t) => {
  let made = 0;
  const line: LogLine = {
    service: 'api',
    at: 0,
    text: 'x'.repeat(1000),
    stream: 'out',
  } as unknown as LogLine;
  const { path } = await serve(t, {
    async *logs() {
      for (; made < 10_000; made += 1) yield [line, line, line, line];
    },
  });
  const socket = await sleeper(path, '/v1/logs');
  let before = -1;
  // What fits between both ends fits in a few turns; then nothing more is made.
  for (let still = 0; still < 50; still = made === before ? still + 1 : 0) {
    before = made;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(made < 2000, String(made));
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
  });
  socket.resume();
  await once(socket, 'close');
  assert.equal(made, 10_000);
  assert.ok(bytes > 40_000_000);
});

/** A connection that asks and does not read. */
async function sleeper(path: string, route: string): Promise<Socket> {
  const socket = connect(path);
  socket.pause();
  const body = JSON.stringify({ ...target, services: [], follow: false, tail: -1 });
  const head = `POST ${route} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: ${body.length}`;
  socket.write(`${head}\r\n\r\n${body}`);
  await once(socket, 'connect');
  return socket;
}

test('`replied` comes when the answer has left, and also when nobody waits for it any more', async (t) => {
  let answer: (status: EnvironmentStatus) => void = () => undefined;
  let arrived: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const ps = (): Promise<EnvironmentStatus> => {
    arrived();
    return new Promise((give) => {
      answer = give;
    });
  };
  const rig = await serve(t, { ps });
  const sent = request({ socketPath: rig.path, path: '/v1/ps', method: 'POST', agent: false });
  sent.on('error', () => undefined);
  sent.end(JSON.stringify(target));
  await asked;
  sent.destroy();
  await new Promise((resolve) => sent.on('close', resolve));
  answer({} as EnvironmentStatus);
  while (rig.replied.length === 0) await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(rig.replied, ['ps']);
});
