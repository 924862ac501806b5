/** `lo fault` and `lo link add` end to end: what is typed, what is refused, what lasts, and where it shows. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { LinkList } from '../../src/core/link-list.ts';
import { until } from '../support/until.ts';
import { dial, get, LinkLab, ON } from './rig.ts';

test('a fault is in force at once, outlives daemon and gateway, shows everywhere, and goes when it is told to', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const through = `${await lab.url('api')}/through`;
  const added = await lab.must(['fault', 'add', 'api:db', 'latency=700ms', 'jitter=0', '--seed', '7']);
  assert.match(added, /api:db +latency=700ms down/);
  assert.ok((await took(through)) >= 690);
  assert.match(await lab.must(['ps']), /^fault: api:db latency=700ms down$/m);
  assert.match(await lab.must(['link', 'ls']), /^api:db .*latency=700ms down$/m);
  const status = await lab.lab.service('api', ON);
  const [shown] = status.faults;
  const { until: ends, ...rest } = shown ?? { until: 0 };
  assert.equal(ends, null);
  assert.deepEqual(rest, {
    name: 'latency',
    kind: 'latency',
    direction: 'down',
    settings: { delay: 700, jitter: 0, distribution: 'uniform' },
    probability: 1,
    seed: 7,
    link: 'api:db',
    text: 'latency=700ms',
  });
  // The same name again is a change, not a second one.
  await lab.must(['fault', 'add', 'api:db', 'latency=900ms']);
  process.kill((await lab.lab.daemonPid(ON)) ?? 0, 'SIGKILL');
  process.kill((await lab.gateway()).pid, 'SIGKILL');
  assert.deepEqual(
    (await lab.link('api:db')).faults.map(({ text }) => text),
    ['latency=900ms'],
  );
  await until(async () => (await lab.link('api:db')).listening);
  assert.ok((await took(through)) >= 890);

  await lab.must(['fault', 'rm', 'api:db', 'latency']);
  assert.match(await lab.must(['fault', 'ls']), /No link has a fault/);
  assert.equal((await lab.lab.service('api', ON)).faults.length, 0);
  await until(async () => (await took(through)) < 890);
});

test('a fault with a time ends by itself; clear takes the others; down forgets what was typed', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  await lab.must(['fault', 'add', 'api:db', 'refuse', '--for', '1s', '--name', 'short']);
  await lab.must(['fault', 'add', 'api:db/http', 'bandwidth=1MB/s', '--direction', 'both']);
  await lab.must(['fault', 'add', 'api:db', 'limit=64KB', '--probability', '50%']);
  const list = await lab.lab.json<LinkList>(['fault', 'ls'], ON);
  assert.match(
    JSON.stringify(
      list.links[0]?.faults.map(({ text, direction, probability }) => [text, direction, probability]),
    ),
    /\["bandwidth=1MB\/s","both",1\],\["limit=64KB","down",0.5\]/,
  );
  await until(async () => !(await lab.must(['fault', 'ls'])).includes('short'));
  assert.deepEqual((await lab.gateway()).links[0]?.faults, ['bandwidth', 'limit']);
  assert.equal(JSON.parse(await get(`${await lab.url('api')}/through`)).name, 'db');
  await lab.must(['fault', 'clear', 'api:db']);
  await until(async () => (await lab.gateway()).links[0]?.faults.length === 0);
  await lab.must(['fault', 'add', 'api:db', 'latency=5s']);
  await lab.must(['down']);
  await lab.up();
  assert.deepEqual((await lab.link('api:db')).faults, []);
});

test('what is wrong with the words is said with what was meant, and nothing is made', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const wrong: readonly (readonly [readonly string[], RegExp])[] = [
    [['add', 'api:db', 'latncy=1s'], /FAULT_INVALID[\s\S]*did you mean `latency`/],
    [['add', 'api:db', 'latency=-200ms', 'jiter=1s'], /expected a duration[\s\S]*did you mean `jitter`/],
    [['add', 'api:bd', 'latency=1s'], /there is no link api:bd[\s\S]*did you mean `api:db`/],
    [['add', 'db', 'latency=1s'], /there is no link db/],
    [['rm', 'api:db', 'latency'], /FAULT_UNKNOWN.*has no fault `latency`/],
  ];
  for (const [words, said] of wrong) {
    const answer = await lab.lo(['fault', ...words]);
    assert.equal(answer.code, 2, `lo fault ${words.join(' ')}: ${answer.stdout}${answer.stderr}`);
    assert.match(answer.stderr, said);
  }
  assert.deepEqual((await lab.link('api:db')).faults, []);
});

test('a link without a project leads where it was told, takes faults, survives, and is removed', async (t) => {
  const server = createServer((_, response) => response.end('found'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const lab = new LinkLab(t);
  const [made] = (await lab.lab.json<LinkList>(['link', 'add', String(port), '--name', 'tool'], ON)).links;
  assert.deepEqual([made?.name, made?.environment, made?.listening], ['tool', null, true]);
  assert.match(made?.listen.address ?? '', /^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\./);
  const url = `http://${made?.listen.address}:${made?.listen.port}/`;
  assert.equal(await get(url), 'found');
  const asTarget = await lab.lo(['fault', 'add', `127.0.0.1:${port}`, 'reset=0']);
  assert.match(asTarget.stderr, /LINK_UNKNOWN[\s\S]*did you mean `tool`\?/);
  assert.match(
    (await lab.lo(['fault', 'add', 'api:db', 'reset=0'])).stderr,
    /LINK_UNKNOWN[\s\S]*there are: tool;/,
  );
  await lab.must(['fault', 'add', 'tool', 'reset=0']);
  await assert.rejects(get(url), { code: 'ECONNRESET' });
  process.kill((await lab.lab.daemonPid(ON)) ?? 0, 'SIGKILL');
  assert.match(await lab.must(['fault', 'ls']), /tool +reset/);
  await lab.must(['fault', 'clear', 'tool']);
  assert.equal(await get(url), 'found');

  const again = await lab.lo(['link', 'add', '1', '--name', 'tool']);
  assert.equal(again.code, 3);
  assert.match(again.stderr, /LINK_EXISTS[\s\S]*lo link rm tool/);
  const held = await lab.lo(['link', 'add', '1', '--listen', `127.0.0.1:${port}`, '--name', 'held']);
  assert.equal(held.code, 3);
  assert.match(held.stderr, /LINK_REFUSED.*EADDRINUSE/);
  const far = await lab.lo(['link', 'add', '10.0.0.1:80']);
  assert.equal(far.code, 2);
  assert.match(far.stderr, /no loopback address: a link leads to this machine only/);
  assert.deepEqual(
    (await lab.list()).links.map(({ name }) => name),
    ['tool'],
  );
  assert.match(readFileSync(join(lab.lab.home, 'links.json'), 'utf8'), /"tool"/);
  await lab.must(['link', 'rm', 'tool']);
  await assert.rejects(dial(made?.listen.address ?? '', made?.listen.port ?? 0), { code: 'ECONNREFUSED' });
  assert.match((await lab.lo(['link', 'rm', 'tool'])).stderr, /LINK_UNKNOWN/);
});

/** Of one request, ms. */
async function took(url: string): Promise<number> {
  const began = performance.now();
  await get(url);
  return performance.now() - began;
}
