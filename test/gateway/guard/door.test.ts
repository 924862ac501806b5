/** Guarded links over real sockets: what happens to a caller while it is looked at, and when nobody can look. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Caller } from '../../../src/core/guard.ts';
import { type Lookout, ThreadLookout } from '../../../src/gateway/guard/lookout.ts';
import type { CallQuestion, Refusal } from '../../../src/gateway/guard/question.ts';
import { dist } from '../../support/paths.ts';
import { until } from '../../support/until.ts';
import { LinkRig } from '../links/rig.ts';

const GUARD = { directory: '/nowhere', allows: ['api'] };
const PSQL: Caller = { pid: 812, program: 'psql', service: null };

/** Answers when the test says so. */
class Played implements Lookout {
  readonly asked: { readonly question: CallQuestion; answer(refusal: Refusal): void }[] = [];
  prepared = 0;

  prepare(): void {
    this.prepared += 1;
  }

  ask(question: CallQuestion): Promise<Refusal> {
    return new Promise((answer) => this.asked.push({ question, answer }));
  }

  close(): void {
    this.asked.length = 0;
  }

  async answer(refusal: Refusal, index = 0): Promise<void> {
    await until(() => this.asked.length > index);
    this.asked[index]?.answer(refusal);
  }
}

async function fateOf(socket: Socket): Promise<string> {
  const [error] = (await once(socket, 'error')) as [NodeJS.ErrnoException];
  return error.code ?? '';
}

test('what a caller says while it is looked at arrives whole, its end included', async (t) => {
  const lookout = new Played();
  const rig = await LinkRig.create(t, [], { lookout });
  await rig.change({ guard: GUARD });
  assert.ok(lookout.prepared > 0);
  const caller = await rig.caller();
  caller.socket.end('x'.repeat(200_000));
  await until(() => lookout.asked.length === 1);
  assert.equal(rig.services.length, 0);
  const { question } = lookout.asked[0] ?? {};
  assert.deepEqual(
    [question?.listen, question?.caller.port, question?.guard],
    [rig.wish.listen, caller.socket.localPort, GUARD],
  );
  await lookout.answer(null);
  const service = await rig.service();
  await until(() => service.ended);
  assert.equal(service.heard.length, 200_000);
  service.socket.end('done');
  await until(() => caller.ended);
  assert.equal(caller.text, 'done');
  assert.deepEqual(rig.statistics.refused, { count: 0, callers: [] });
});

test('who is refused is reset before a byte passes, counted, and remembered by who it was', async (t) => {
  const lookout = new Played();
  const rig = await LinkRig.create(t, [], { lookout });
  await rig.change({ guard: GUARD });
  const fates = [rig.dial(), rig.dial()].map(({ socket }) => fateOf(socket));
  await until(() => lookout.asked.length === 2);
  await lookout.answer(PSQL, 0);
  await lookout.answer(PSQL, 1);
  assert.deepEqual(await Promise.all(fates), ['ECONNRESET', 'ECONNRESET']);
  assert.equal(rig.services.length, 0);
  const { refused, accepted } = rig.statistics;
  assert.deepEqual(
    [refused?.count, refused?.callers.map(({ pid, count }) => [pid, count]), accepted],
    [2, [[812, 2]], 0],
  );
  for (let index = 2; index < 22; index += 1) {
    const fate = fateOf(rig.dial().socket);
    await lookout.answer({ ...PSQL, pid: index }, index);
    await fate;
  }
  const callers = rig.statistics.refused?.callers ?? [];
  assert.deepEqual([rig.statistics.refused?.count, callers.length, callers[0]?.pid], [22, 16, 21]);
});

test('a link that goes while somebody is looked at resets them; an answer that comes later is for nobody', async (t) => {
  const lookout = new Played();
  const rig = await LinkRig.create(t, [], { lookout });
  await rig.change({ guard: GUARD });
  const fate = fateOf(rig.dial().socket);
  await until(() => lookout.asked.length === 1);
  rig.links.apply([]);
  assert.equal(await fate, 'ECONNRESET');
  await lookout.answer(null);
  await rig.change({});
  // One that hangs up itself while it waits.
  const impatient = await rig.caller();
  await until(() => lookout.asked.length === 2);
  impatient.socket.resetAndDestroy();
  await lookout.answer(null, 1);
  const next = await rig.caller();
  await lookout.answer(null, 2);
  next.socket.end('still here');
  await until(() => rig.services.some(({ text }) => text === 'still here'));
});

test('without anybody who can look, nobody gets through', async (t) => {
  const rig = await LinkRig.create(t);
  await rig.change({ guard: GUARD });
  assert.equal(await fateOf(rig.dial().socket), 'ECONNRESET');
  assert.match(rig.statistics.refused?.callers[0]?.program ?? '', /could not be looked at/);
  // A link that is open to all is asked nothing.
  const { guard: _, ...open } = rig.wish;
  rig.links.apply([open]);
  const { caller } = await rig.pair();
  caller.socket.destroy();
});

test('a thread that cannot start or ends refuses those who wait, and another one takes its place', async (t) => {
  const broken = new ThreadLookout(join(dist, 'no-such-file.js'));
  const question: CallQuestion = {
    listen: { address: '127.0.0.1', port: 9 },
    caller: { address: '127.0.0.1', port: 1 },
    guard: GUARD,
  };
  assert.match((await broken.ask(question))?.program ?? '', /^somebody who could not be looked at \(/);
  assert.match((await broken.ask(question))?.program ?? '', /^somebody who could not be looked at \(/);
  broken.close();

  const shipped = new ThreadLookout(join(dist, 'lookout.js'));
  t.after(() => shipped.close());
  const many = await Promise.all(Array.from({ length: 50 }, () => shipped.ask(question)));
  assert.deepEqual(new Set(many.map((one) => one?.program)), new Set(['somebody who hung up at once']));
  shipped.close();
  assert.equal((await shipped.ask(question))?.program, 'somebody who hung up at once');
});

test('the shipped thread names this very process', async (t) => {
  const lookout = new ThreadLookout(join(dist, 'lookout.js'));
  t.after(() => lookout.close());
  const rig = await LinkRig.create(t, [], { lookout });
  await rig.change({ guard: GUARD });
  assert.equal(await fateOf(rig.dial().socket), 'ECONNRESET');
  const [caller] = rig.statistics.refused?.callers ?? [];
  // Gateway and caller are one process here.
  assert.equal(caller?.pid, process.pid);
});
