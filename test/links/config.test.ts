/** What the config says of links: faults from the start, targets outside the project, another environment's services. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { parseProject } from '../../src/config/parse-project.ts';
import { linkSpecs } from '../../src/core/links.ts';
import { FAULTS } from '../../src/gateway/faults/all.ts';
import { get, LinkLab, ON } from './rig.ts';

const SLOW = `
name: shop
services:
  db: { run: node server.mjs, port: 5432, faults: { latency: 400ms } }
  api: { run: node server.mjs, port: 3000, needs: { db: { faults: { thin: { kind: bandwidth, rate: 1MB/s, direction: both } } } } }
  web: { run: node server.mjs, port: 3000, needs: [api, db] }
`;

function parse(text: string): ReturnType<typeof parseProject> {
  return parseProject(text, { file: null, root: '/work', recipes: [], faults: FAULTS });
}

test('faults of a service are on all its links, those of a need on that one; they may be taken away until the next up', async (t) => {
  const lab = new LinkLab(t, SLOW);
  await lab.up();
  const texts = async (name: string): Promise<readonly string[]> =>
    (await lab.link(name)).faults.map(({ name: fault, text, direction }) => `${fault} ${text} ${direction}`);
  assert.deepEqual(await texts('api:db'), ['latency latency=400ms down', 'thin bandwidth=1MB/s both']);
  assert.deepEqual(await texts('web:db'), ['latency latency=400ms down']);
  assert.deepEqual(await texts('web:api'), []);
  const began = performance.now();
  await get(`${await lab.url('api')}/through`);
  assert.ok(performance.now() - began >= 390);
  await lab.must(['fault', 'rm', 'api:db', 'latency']);
  assert.deepEqual(await texts('api:db'), ['thin bandwidth=1MB/s both']);

  // A change of the faults alone restarts nobody.
  const before = await lab.lab.service('db', ON);
  lab.lab.write('loopyard.yaml', SLOW.replace('400ms', '1ms'));
  await lab.up();
  assert.equal((await lab.lab.service('db', ON)).run, before.run);
  assert.deepEqual(await texts('web:db'), ['latency latency=1ms down']);
  await lab.must(['down']);
  await lab.up();
  assert.deepEqual(await texts('api:db'), ['latency latency=1ms down', 'thin bandwidth=1MB/s both']);
});

test('a need may be a port of this machine or a service of another environment, over a link', async (t) => {
  const server = createServer((_, response) => response.end(JSON.stringify({ name: 'outside' })));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const lab = new LinkLab(
    t,
    `
name: shop
external:
  db: { address: "127.0.0.1:${port}", protocol: http }
  ledger: { environment: billing, service: api, port: 3000, protocol: http }
services:
  api: { run: node server.mjs, port: 3000, needs: [db, ledger] }
`,
  );
  lab.lab.write('billing.yaml', 'name: billing\nservices:\n  api: { run: node server.mjs, port: 3000 }\n');
  await lab.up();
  const [db, ledger] = [await lab.link('api:db'), await lab.link('api:ledger')];
  assert.deepEqual([db.upstream, db.listening, db.endpoint], [{ address: '127.0.0.1', port }, true, 'http']);
  assert.deepEqual([ledger.upstream, ledger.listening, ledger.listen.port], [null, false, 3000]);
  const told = await lab.told('api');
  assert.deepEqual(
    [told.DB_HOST, told.DB_PORT, told.LEDGER_URL],
    [db.listen.address, String(port), `http://${ledger.listen.address}:3000`],
  );
  assert.equal(JSON.parse(await get(`${await lab.url('api')}/through`)).name, 'outside');
  await lab.must(['up', '--detach', '-f', 'billing.yaml']);
  assert.equal(JSON.parse(await get(`${told.LEDGER_URL}/`)).name, 'api');
  await lab.must(['fault', 'add', 'api:ledger', 'refuse']);
  await assert.rejects(get(`${told.LEDGER_URL}/`), { code: /^ECONN(RESET|REFUSED)$/ });
});

test('mistakes stand where they are, with what was meant', () => {
  const messages = (text: string): readonly string[] =>
    parse(text).diagnostics.map(({ message, hint, range }) => `${range.line}: ${message} (${hint ?? ''})`);
  const base = 'name: shop\nservices:\n  db: { run: x, port: 1 }\n';
  const need = (faults: string): string => `${base}  api: { run: x, needs: { db: { faults: ${faults} } } }\n`;
  const external = (value: string): string => `${base}external:\n  pay: ${value}\n`;
  const wrong: readonly (readonly [string, RegExp])[] = [
    [need('{ latncy: 1s }'), /^4: there is no fault `latncy` \(did you mean `latency`\?\)$/],
    [need('{ latency: 200 }'), /^4: delay of latency: expected a duration[^(]*got `200`/],
    [
      need('{ latency: { delay: 1s, jiter: 2s } }'),
      /^4: latency has no setting `jiter` \(did you mean `jitter`\?\)$/,
    ],
    [need('{ slow: { delay: 1s } }'), /^4: there is no fault `slow`/],
    [need('[latency]'), /^4: needs.db.faults: expected a map of faults/],
    [
      `${base}  api: { run: x, needs: { db: { direct: true, faults: { latency: 1s } } } }\n`,
      /^4: `db` is needed with `direct: true`/,
    ],
    [external('10.0.0.1:80'), /^5: `10.0.0.1` is no loopback address: say `other-machine: true`/],
    [external('{ environment: other }'), /^5: external.pay: `port` is missing/],
    [
      external('{ address: "127.0.0.1:1", environment: other }'),
      /^5: external.pay: one of `address` and `environment`/,
    ],
    [external('nonsense'), /^5: `nonsense` is no port, and no address with one/],
    [`${base}external:\n  db: 127.0.0.1:1\n`, /^5: `db` is a service of this project/],
    [
      `${base}  api: { run: x, needs: [pey] }\nexternal:\n  pay: 127.0.0.1:1\n`,
      /^4: there is no service named `pey` \(did you mean `pay`\?\)$/,
    ],
  ];
  for (const [text, said] of wrong) {
    const found = messages(text);
    assert.equal(found.length, 1, `${text}\n${found.join('\n')}`);
    assert.match(found[0] ?? '', said);
  }
});

test('an address of another machine is taken when it is said in words; the same file draws the same', () => {
  const text =
    'name: shop\nexternal:\n  pay: { address: "10.0.0.1:80", other-machine: true }\nservices:\n  api: { run: x, needs: { pay: { faults: { latency: 1s } } } }\n';
  const [one, other] = [parse(text).project, parse(text).project];
  const specs = linkSpecs(one?.services ?? [], one?.externals);
  assert.deepEqual(specs[0]?.external?.target, { kind: 'address', address: '10.0.0.1', port: 80 });
  assert.deepEqual(specs, linkSpecs(other?.services ?? [], other?.externals));
  assert.equal(specs[0]?.faults[0]?.kind, 'latency');
});
