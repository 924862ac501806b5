/** Links that a second process helps to carry, end to end: what people see of it is the gateway, and nothing of it stays. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { test } from 'node:test';
import type { PortsReport } from '../../src/core/inspection.ts';
import { until } from '../support/until.ts';
import { dial, LinkLab, ON } from './rig.ts';

const CARRIED = { env: { ...ON.env, LOOPYARD_CARRIERS: 'always' } };
const ECHO = `
import { createServer } from 'node:net';
createServer((socket) => socket.on('error', () => socket.destroy()).pipe(socket)).listen(process.env.PORT, process.env.HOST);
`;
const CONFIG = `
name: shop
services:
  db: { run: node echo.mjs, port: 5432 }
  api: { run: node server.mjs, port: 3000, needs: [db] }
`;

test('a carried connection is listed, counted, slowed and cut like any other, and belongs to the gateway', async (t) => {
  const lab = new LinkLab(t, CONFIG);
  lab.lab.write('echo.mjs', ECHO);
  await lab.lab.must(['up', '--detach'], 0, CARRIED);
  const { address, port } = (await lab.link('api:db')).listen;
  const socket = await dial(address, port);
  t.after(() => socket.destroy());
  await echoed(socket, 'before');
  const carriers = async (): Promise<readonly number[]> =>
    (await lab.gateway()).carriers.flatMap(({ pid, connections }) =>
      pid !== null && connections > 0 ? [pid] : [],
    );
  await until(async () => (await carriers()).length === 1);
  const [carrier = 0] = await carriers();
  await echoed(socket, 'meanwhile');
  await until(async () => (await lab.link('api:db')).bytesOut === 'beforemeanwhile'.length);

  const { undeclared, links } = await lab.list();
  assert.deepEqual([undeclared, links[0]?.connections, links[0]?.bytesIn], [[], 1, 15]);
  const { listeners } = await lab.lab.json<PortsReport>(['ports', '--all'], ON);
  const owners = listeners.filter((one) => one.address === address).flatMap((one) => one.owners);
  assert.deepEqual([...new Set(owners.map(({ pid }) => pid))], [(await lab.gateway()).pid]);

  await lab.must(['fault', 'add', 'api:db', 'latency=400ms']);
  assert.deepEqual(await carriers(), []);
  const began = performance.now();
  await echoed(socket, 'slow');
  assert.ok(performance.now() - began >= 399);
  await lab.must(['fault', 'clear']);
  await until(async () => (await carriers()).length === 1);
  await echoed(socket, 'again');

  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('error', () => undefined);
  await lab.must(['down']);
  await closed;
  await until(() => !existsSync(`/proc/${carrier}`));
});

/** Says something, and hears it whole. */
async function echoed(socket: Socket, words: string): Promise<void> {
  let heard = '';
  const whole = new Promise<void>((resolve) => {
    socket.on('data', function hear(bytes: Buffer) {
      heard += bytes.toString();
      if (heard.length < words.length) return;
      socket.off('data', hear);
      resolve();
    });
  });
  socket.write(words);
  await whole;
  assert.equal(heard, words);
}
