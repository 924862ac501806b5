/** What a socket has not handed to the system, taken at any moment: with what arrives it is all that was written, and nothing twice. */

import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type Random, randomFrom } from '../../../src/core/faults/random.ts';
import { Outflow } from '../../../src/gateway/carrier/outflow.ts';
import { listening, portOf } from '../links/rig.ts';

test('what was taken by the system and what was not are the whole, whatever was written and read before', async (t) => {
  const random = randomFrom(7);
  let rests = 0;
  for (let round = 0; round < 40; round += 1) if (await oneRound(t, random, round)) rests += 1;
  assert.ok(rests > 10, `${rests} times there was something left`);
});

/** True: something was left. */
async function oneRound(t: TestContext, random: Random, round: number): Promise<boolean> {
  const { from, to } = await pair(t);
  const outflow = new Outflow(from);
  const heard: Buffer[] = [];
  const sent: Buffer[] = [];
  to.on('data', (bytes: Buffer) => heard.push(bytes));
  for (let drains = Math.floor(random() * 3); drains > 0; drains -= 1) {
    to.pause();
    fill(outflow, sent, random);
    to.resume();
    if (from.writableLength > 0) await once(from, 'drain');
  }
  to.pause();
  fill(outflow, sent, random);
  const rest = outflow.rest();
  from.destroy();
  to.resume();
  await once(to, 'close');
  const whole = Buffer.concat([...heard, rest ?? Buffer.alloc(0)]);
  assert.ok(whole.equals(Buffer.concat(sent)), `round ${round}`);
  return rest !== null;
}

/** Until the system takes no more, and some on top; or only a little. */
function fill(outflow: Outflow, sent: Buffer[], random: Random): void {
  for (let most = random() < 0.8 ? 500 : 3; most > 0; most -= 1) {
    const bytes = randomBytes(1 + Math.floor(random() ** 2 * 200_000));
    outflow.write(bytes);
    sent.push(bytes);
    if (outflow.writableNeedDrain && random() < 0.3) return;
  }
}

async function pair(t: TestContext): Promise<{ readonly from: Socket; readonly to: Socket }> {
  const server = createServer();
  await listening(server);
  const to = connect(portOf(server), '127.0.0.1');
  const [from] = (await once(server, 'connection')) as [Socket];
  server.close();
  t.after(() => {
    from.destroy();
    to.destroy();
  });
  return { from, to };
}
