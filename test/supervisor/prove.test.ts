/** Readiness: who answers, where, and whose socket it is. */

import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { type TestContext, test } from 'node:test';
import type { Readiness } from '../../src/core/model.ts';
import type { ReadyAnswer, ReadyTarget } from '../../src/supervisor/supervisor.ts';
import { RunLab } from '../support/run-lab.ts';
import type { Actor } from '../support/stage.ts';
import { until } from '../support/until.ts';

const TCP: Readiness = { kind: 'tcp', endpoint: 'main', timeoutMs: 20_000 };
const PORT = 8080;

interface Scene {
  readonly lab: RunLab;
  readonly actor: Actor;
  readonly address: string;
  prove(ready: Readiness, change?: Partial<ReadyTarget>): Promise<ReadyAnswer>;
  abort(): void;
}

/** An actor as the run `web-1`, told to listen on port 8080 of an address of its own. */
async function scene(t: TestContext): Promise<Scene> {
  const lab = await RunLab.create(t);
  const address = await lab.address();
  const actor = await lab.perform('web-1', { addresses: [address] });
  const told = { main: { address, port: PORT } };
  const base = { run: lab.ref('web-1'), pid: actor.pid, told, env: { PATH: process.env.PATH ?? '' } };
  const target: ReadyTarget = { ...base, cwd: lab.root, log: lab.log('web-1'), logStart: 0, late: false };
  const aborting = new AbortController();
  t.after(() => aborting.abort());
  return {
    lab,
    actor,
    address,
    prove: (ready, change = {}) => lab.supervisor.prove({ ...target, ...change }, ready, aborting.signal),
    abort: () => aborting.abort(),
  };
}

/** A socket of this test's process: a stranger to the run. */
async function stranger(t: TestContext, host: string, port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port }, resolve);
  });
  t.after(() => server.close());
  return server;
}

function reason(answer: ReadyAnswer): string {
  assert.ok(answer.kind !== 'ready', 'it was ready');
  return answer.reason;
}

test('tcp: ready within a moment after it listens, and not before', async (t) => {
  const { actor, address, prove } = await scene(t);
  let answer: ReadyAnswer | null = null;
  const proving = prove(TCP).then((said) => {
    answer = said;
  });
  await actor.does('print', { text: 'not yet\n' });
  assert.equal(answer, null);
  const from = performance.now();
  await actor.listen(address, PORT);
  await proving;
  assert.deepEqual(answer, { kind: 'ready', listening: { main: { kind: 'as-told' } } });
  assert.ok(performance.now() - from < 1000);
});

test('a run that ended aborts its proof at once', async (t) => {
  const { prove, abort } = await scene(t);
  const proving = prove(TCP);
  abort();
  await assert.rejects(proving, { name: 'AbortError' });
});

test('a timeout says how long, for what, and the last error', async (t) => {
  const { address, actor, lab, prove } = await scene(t);
  assert.equal(
    reason(await prove({ ...TCP, timeoutMs: 120 })),
    `not ready after 120ms, waited for a connection to ${address}:${PORT}; last: connection refused`,
  );
  const http: Readiness = { kind: 'http', endpoint: 'main', path: '/up', timeoutMs: 400 };
  await actor.does('answer', { status: 503 });
  await actor.serve(address, PORT);
  assert.equal(
    reason(await prove(http)),
    `not ready after 400ms, waited for GET http://${address}:${PORT}/up; last: GET /up answered 503`,
  );
  const exec: Readiness = { kind: 'exec', command: 'echo wait; echo no luck >&2; exit 7', timeoutMs: 300 };
  assert.match(reason(await prove(exec)), /last: `.*` exited with 7: no luck$/);
  assert.match(
    reason(await prove({ ...exec, command: 'sleep 1000' })),
    /last: `sleep 1000` was still running$/,
  );
  await until(() => lab.marked().length === 2);
  const log: Readiness = { kind: 'log', pattern: 'listening', timeoutMs: 300 };
  assert.match(reason(await prove(log)), /last: it printed nothing$/);
  await actor.does('print', { text: 'hello\n\u001b[31mtrouble\u001b[0m\n' });
  assert.match(reason(await prove(log)), /last: none of 2 lines matched, the last was: trouble$/);
});

test('a program that accepts nobody does not make a proof longer than its timeout', async (t) => {
  const { actor, address, prove } = await scene(t);
  await actor.serve(address, PORT);
  await actor.does('hang');
  const from = performance.now();
  const answer = await prove({ kind: 'http', endpoint: 'main', path: '/', timeoutMs: 300 });
  assert.match(reason(answer), /last: no answer$/);
  assert.ok(performance.now() - from < 1500);
});

test('another program at the told address never passes for ours; the late look waits until it is gone', async (t) => {
  const { actor, address, prove } = await scene(t);
  const server = await stranger(t, address, PORT);
  const first = await prove(TCP);
  assert.equal(first.kind, 'foreign');
  assert.match(reason(first), new RegExp(`${address}:${PORT} is answered by node \\(pid ${process.pid}\\)`));
  const late = prove(TCP, { late: true });
  await new Promise((resolve) => server.close(resolve));
  await actor.listen(address, PORT);
  assert.equal((await late).kind, 'ready');
});

test('a stranger’s wildcard does not pass for ours', async (t) => {
  const { lab, actor, prove } = await scene(t);
  const server = await stranger(t, '0.0.0.0', 0);
  const { port } = server.address() as { port: number };
  const told = { main: { address: await lab.address(2), port } };
  assert.equal((await prove(TCP, { told })).kind, 'foreign');
  assert.ok(lab.isAlive(actor.pid));
});

for (const [host, address] of [
  [undefined, '::'],
  ['0.0.0.0', '0.0.0.0'],
] as const) {
  test(`a listener of ours on every address is ready, and told: ${address}`, async (t) => {
    const { actor, address: own, prove } = await scene(t);
    const port = await actor.listen(host, 0);
    assert.deepEqual(await prove(TCP, { told: { main: { address: own, port } } }), {
      kind: 'ready',
      listening: { main: { kind: 'wide', address, port } },
    });
  });
}

for (const host of ['127.0.0.1', '::1']) {
  test(`the told port at ${host} is found there, and told`, async (t) => {
    const { address, actor, prove } = await scene(t);
    const port = await actor.serve(host, 0);
    const ready: Readiness = { kind: 'http', endpoint: 'main', path: '/', timeoutMs: 20_000 };
    assert.deepEqual(await prove(ready, { told: { main: { address, port } } }), {
      kind: 'ready',
      listening: { main: { kind: 'elsewhere', address: host, port } },
    });
  });
}

test('the only other port that it listens on is found, after a moment', async (t) => {
  const { address, actor, prove } = await scene(t);
  const port = await actor.listen(address, 0);
  const from = performance.now();
  assert.deepEqual(await prove(TCP), {
    kind: 'ready',
    listening: { main: { kind: 'elsewhere', address, port } },
  });
  assert.ok(performance.now() - from > 1000, 'it may be a debugger’s that comes first');
});

test('whoever belongs to the run may be the one that listens', async (t) => {
  const { lab, address, actor, prove } = await scene(t);
  const ports = [8081, 8082, 8083];
  const hows = [{}, { session: true, orphan: true }, { session: true, orphan: true, bare: true }];
  for (const [index, how] of hows.entries()) {
    const port = ports[index] ?? 0;
    const other = await lab.stage.fork(actor, { role: `other${index}`, ...how });
    await other.listen(address, port);
    const answer = await prove(TCP, { told: { main: { address, port } } });
    assert.deepEqual(answer, { kind: 'ready', listening: { main: { kind: 'as-told' } } });
  }
});

test('http: any status below 400 passes, though its body never ends; the Host header is the address', async (t) => {
  const { address, actor, prove } = await scene(t);
  const ready: Readiness = { kind: 'http', endpoint: 'main', path: '/up', timeoutMs: 20_000 };
  await actor.does('answer', { status: 500 });
  await actor.serve(address, PORT);
  const proving = prove(ready);
  await until(async () => (await actor.does('host')) !== null);
  assert.equal(await actor.does('host'), `${address}:${PORT}`);
  await actor.does('answer', { status: 302 });
  assert.equal((await proving).kind, 'ready');
});

test('log: a coloured line that matches, of this run only, as soon as it is there', async (t) => {
  const { lab, actor, prove } = await scene(t);
  const ready: Readiness = { kind: 'log', pattern: '^ready in \\d+ ms$', timeoutMs: 20_000 };
  await actor.does('print', { text: 'ready in 1 ms\n' });
  await until(() => lab.output('web-1') !== '');
  let answer: ReadyAnswer | null = null;
  const proving = prove(ready, { logStart: Buffer.byteLength(lab.output('web-1')) }).then((said) => {
    answer = said;
  });
  appendFileSync(lab.log('web-1'), 'is ready in 2 ms soon\n');
  await actor.does('print', { text: '' });
  assert.equal(answer, null);
  await actor.does('print', { text: '\u001b[32mready in\u001b[0m 300 ms\n' });
  await proving;
  assert.deepEqual(answer, { kind: 'ready', listening: {} });
});

test('log: a pattern that takes too long is an error, and stops nobody', async (t) => {
  const { actor, prove } = await scene(t);
  await actor.does('print', { text: `${'a'.repeat(40)}!\n` });
  const proving = prove({ kind: 'log', pattern: '^(a+)+$', timeoutMs: 20_000 });
  await assert.rejects(proving, { code: 'USAGE' });
});

test('log and exec: where the program really listens is looked up too', async (t) => {
  const { address, actor, prove } = await scene(t);
  const port = await actor.listen('127.0.0.1', 0);
  await actor.does('print', { text: 'up\n' });
  const told = { main: { address, port } };
  const expected = { kind: 'ready', listening: { main: { kind: 'elsewhere', address: '127.0.0.1', port } } };
  assert.deepEqual(await prove({ kind: 'log', pattern: 'up', timeoutMs: 20_000 }, { told }), expected);
  assert.deepEqual(await prove({ kind: 'exec', command: 'true', timeoutMs: 20_000 }, { told }), expected);
});

test('exec: gets the service’s variables and directory, and nothing of it outlives the proof', async (t) => {
  const { lab, prove, abort } = await scene(t);
  const env = { PATH: process.env.PATH ?? '', WORD: 'x' };
  const command = '[ "$WORD" = x ] && [ "$(pwd)" = "$DIR" ]';
  const exec: Readiness = { kind: 'exec', command, timeoutMs: 20_000 };
  assert.equal((await prove(exec, { env: { ...env, DIR: lab.root } })).kind, 'ready');
  const hanging = prove({ ...exec, command: 'sleep 1000 & sleep 1000' }, { env });
  await until(() => lab.marked().length > 4);
  abort();
  await assert.rejects(hanging, { name: 'AbortError' });
  await until(() => lab.marked().length === 2);
});
