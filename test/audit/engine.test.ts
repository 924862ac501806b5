/** The engine with servers that misbehave: no check breaks another, nothing is waited for without end, servers live on afterwards. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import type { ListenerCheck } from '../../src/audit/check.ts';
import { CHECKS } from '../../src/audit/checks/all.ts';
import { audit } from '../../src/audit/engine.ts';
import { MOST_BYTES } from '../../src/audit/probe/wire.ts';
import { inconclusive, safe, vulnerable } from '../../src/audit/verdict.ts';
import type { AuditEvent, AuditFinding } from '../../src/core/audit.ts';
import { makeAuthority, makeLeaf } from '../../src/daemon/authority/x509.ts';
import { examine, type Place, targetOf, toolsOf } from './support/examine.ts';
import { http, listening, talker, tcp } from './support/servers.ts';

const PROBING = CHECKS.filter((check) => check.about === 'listener' && check.speaks !== 'any');

/** A check of the test's own. */
function checkThat(examineIt: ListenerCheck['examine'], change: Partial<ListenerCheck> = {}): ListenerCheck {
  return {
    id: 'STO-99',
    title: 'A check of a test',
    about: 'listener',
    transport: 'tcp',
    severity: { loopback: 'low', network: 'high' },
    intrusive: false,
    references: [],
    speaks: ['http', 'https', 'tls', 'greets', 'echo', 'other', 'silent'],
    requests: 5,
    fix: 'mend it',
    probe: '',
    rule: '',
    examine: examineIt,
    ...change,
  };
}

const ANY = checkThat(async ({ http: web }) => {
  await web.control();
  return safe('it answered');
});

function verdicts(all: readonly AuditFinding[]): readonly string[] {
  return [...new Set(all.map(({ verdict }) => verdict))].sort();
}

/** Still there: takes a connection, or cuts it off as it did before. */
function isHealthy({ port }: Place): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(true));
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNRESET'));
    socket.once('connect', () => socket.destroy());
  });
}

test('servers that stall, reset, hang up and babble: nothing is found, and they are well afterwards', async (t) => {
  const servers: readonly (readonly [string, Promise<Place>])[] = [
    ['stalls', tcp(t, (socket) => socket.resume())],
    [
      'stalls in the middle of a head',
      tcp(t, (socket) => socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nA: b\r\n'))),
    ],
    ['resets', tcp(t, (socket) => socket.resetAndDestroy())],
    ['resets after a word', tcp(t, (socket) => socket.once('data', () => socket.resetAndDestroy()))],
    ['hangs up', tcp(t, (socket) => socket.end())],
    ['babbles', talker(t, () => randomBytes(300))],
    ['drips', tcp(t, (socket) => drip(socket))],
  ];
  for (const [name, starting] of servers) {
    const place = await starting;
    const { all, found } = await examine(PROBING, [place]);
    assert.deepEqual(found, [], name);
    assert.equal(all.length, PROBING.length, name);
    assert.ok(await isHealthy(place), `${name}: takes no connection any more`);
  }
});

/** One byte after the other, for as long as somebody listens. */
function drip(socket: Socket): void {
  socket.resume();
  const timer = setInterval(() => socket.write('x'), 20);
  socket.once('close', () => clearInterval(timer));
}

test('a body of 10 GB is read up to the limit and cut off', async (t) => {
  let written = 0;
  const closed: Promise<void>[] = [];
  const place = await http(t, (_, response) => {
    closed.push(new Promise((resolve) => response.once('close', () => resolve())));
    response.writeHead(200, { 'content-length': String(10_000_000_000) });
    const more = (): void => {
      const piece = Buffer.alloc(65_536, 'a');
      do written += piece.length;
      while (response.write(piece));
    };
    response.on('drain', more);
    more();
  });
  const sizes: number[] = [];
  const reading = checkThat(async ({ http: web }) => {
    const reply = await web.request();
    sizes.push(reply.body.length);
    return reply.whole ? safe('whole') : inconclusive('cut off');
  });
  const { all } = await examine([reading, ...PROBING], [place]);
  await Promise.all(closed);
  assert.equal(all[0]?.verdict, 'inconclusive');
  assert.ok((sizes[0] ?? 0) <= MOST_BYTES, `${sizes[0]} bytes were kept`);
  // What is under way between two kernels is lost, no more: far from 10 GB for each connection.
  assert.ok(
    written < closed.length * 50_000_000,
    `${written} bytes were sent over ${closed.length} connections`,
  );
});

test('TLS where plain was expected is found out, and spoken', async (t) => {
  const authority = await makeAuthority(Date.now(), 'test');
  const { certificate, key } = await makeLeaf(authority, ['localhost'], Date.now());
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi'));
  });
  server.on('tlsClientError', () => undefined);
  const place = await listening(t, server);
  const speeches: string[] = [];
  const asking = checkThat(async ({ speech, http: web, connect }) => {
    speeches.push(speech, String((await web.request()).status));
    const wire = await connect({ tls: { servername: 'localhost' } });
    speeches.push(String(wire.tls?.certificate.subject.CN));
    wire.close();
    return safe('it answered');
  });
  // Machine checks before it must not settle how HTTP is spoken.
  const { all, found } = await examine(
    [checkThat(() => safe('quiet'), { speaks: 'any' }), asking, ...PROBING],
    [place],
  );
  assert.deepEqual(speeches, ['https', '200', 'localhost'], JSON.stringify(all));
  assert.deepEqual(found, []);
});

test('a redirect off loopback is not followed, and is told', async (t) => {
  const place = await http(t, (_, response) =>
    response.writeHead(302, { location: 'https://192.0.2.9/x' }).end(),
  );
  const { found, events } = await examine([ANY, ...PROBING], [place]);
  assert.deepEqual(found, []);
  const told = events.filter((event) => event.type === 'skipped' && event.skipped.check === '*');
  assert.match(JSON.stringify(told), /redirects to 192\.0\.2\.9, off loopback/);
  const near = await http(t, (_, response) =>
    response.writeHead(302, { location: 'http://localhost:1/' }).end(),
  );
  assert.doesNotMatch(JSON.stringify((await examine([ANY], [near])).events), /redirects to/);
});

test('who answers differently every time is not compared', async (t) => {
  const place = await http(t, ({ url }, response) => {
    if (url !== '/') return void response.writeHead(404).end();
    const words = Array.from({ length: 300 }, () => randomBytes(2).toString('hex').replace(/\d/g, 'g'));
    return void response.end(words.join(' '));
  });
  const steady = checkThat(async ({ http: web }) => safe(String(await web.isSteady())));
  const { all, found } = await examine([steady, ...PROBING], [place]);
  assert.equal(all[0]?.evidence.signs[0], 'false');
  assert.deepEqual(found, []);
});

test('a check that throws, asks too much or lies about its requests spoils only its own verdict', async (t) => {
  const place = await talker(t, () => 'hello\r\n');
  const greedy = checkThat(async ({ connect }) => {
    for (let time = 0; time < 9; time += 1) (await connect()).close();
    return safe('never');
  });
  const broken = checkThat(() => {
    throw new TypeError('x is not a function');
  });
  const good = checkThat(() => vulnerable('proven', ['one', 'two']));
  const events = await eventsOf([greedy, broken, good], [place]);
  const all = events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
  assert.deepEqual(
    all.map(({ verdict }) => verdict),
    ['inconclusive', 'inconclusive', 'vulnerable'],
  );
  assert.match(all[0]?.evidence.signs[0] ?? '', /bug in this check: .*more connections than the 5/);
  assert.match(all[1]?.evidence.signs[0] ?? '', /bug in this check: x is not a function/);
});

test('when the time of a listener is over, what is left is inconclusive, and its connections end', async (t) => {
  const ended: Promise<void>[] = [];
  const place = await tcp(t, (socket) => {
    ended.push(new Promise((resolve) => socket.once('close', () => resolve())));
    socket.resume();
  });
  let isOver = false;
  const waiting = checkThat(
    async ({ connect }) => {
      const wire = await connect();
      isOver = true;
      await wire.receive(() => false, 3_600_000);
      return safe('never');
    },
    { speaks: 'any' },
  );
  // Time runs out as soon as the check waits, however fast this machine is.
  const tools = {
    now: () => (isOver ? 1_000_000 : 0),
    after: (_: number, late: () => void) => {
      const timer = setInterval(() => isOver && late(), 5);
      return () => clearInterval(timer);
    },
  };
  const events = await eventsOf([waiting, ANY], [place], tools);
  const all = events.flatMap((event) => (event.type === 'finding' ? [event.finding] : []));
  assert.deepEqual(verdicts(all), ['inconclusive']);
  for (const { evidence } of all) assert.match(evidence.signs[0] ?? '', /time for this listener was over/);
  await Promise.all(ended);
});

test('several targets are looked at at once, never more than allowed, and one after the other inside', async (t) => {
  const place = await talker(t, () => 'hello\r\n');
  const running = { now: 0, most: 0 };
  const inside = new Map<string, number>();
  const check = checkThat(
    async ({ target, connect }) => {
      running.now += 1;
      running.most = Math.max(running.most, running.now);
      inside.set(target.name, (inside.get(target.name) ?? 0) + 1);
      assert.equal(inside.get(target.name), 1, 'two checks at once on one target');
      const wire = await connect();
      wire.send('x');
      await wire.receive((bytes) => bytes.length > 0);
      wire.close();
      inside.set(target.name, 0);
      running.now -= 1;
      return safe('it answered');
    },
    { speaks: 'any' },
  );
  const places = Array.from({ length: 12 }, (_, index) => ({ ...place, target: { name: `t${index}` } }));
  const { all, checked } = await examine([check, check, check], places);
  assert.deepEqual(verdicts(all), ['safe']);
  assert.ok(running.most > 1 && running.most <= 4, `${running.most} at once`);
  assert.deepEqual(checked, { targets: 12, checks: 3, requests: 36 });
});

async function eventsOf(
  checks: readonly ListenerCheck[],
  places: readonly Place[],
  tools = {},
): Promise<readonly AuditEvent[]> {
  const events: AuditEvent[] = [];
  const limits = { parallel: 4, perTargetMs: 120_000 };
  const plan = { checks, targets: places.map(targetOf), limits, wholeMachine: true };
  for await (const event of audit(plan, toolsOf({ tools }))) events.push(event);
  return events;
}
