/** Who talks to whom: connections over links, and processes that go without one, found in the socket table. */

import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { dial, LinkLab, ON, SHOP } from './rig.ts';

/** Connects to where the file says, and stays. */
const SNEAK = `
import { connect } from 'node:net';
import { existsSync, readFileSync, watch } from 'node:fs';
let open = false;
const look = () => {
  if (open || !existsSync('place')) return;
  const [host, port] = readFileSync('place', 'utf8').split(' ');
  if (!port?.endsWith('.')) return;
  open = true;
  connect({ host, port: parseInt(port, 10) }, () => console.log('connected'));
};
watch('.', look);
look();
setInterval(() => {}, 1000);
console.log('looks');
`;

/** Connects to its arguments and stays. */
const HOLD = `require('node:net').connect(+process.argv[2], process.argv[1], () => console.log('connected'))`;

test('a service that connects to another without a link is found and named, and so is a stranger', async (t) => {
  const lab = new LinkLab(t, `${SHOP}  sneak: { run: node sneak.mjs, ready: { log: looks } }\n`);
  lab.lab.write('sneak.mjs', SNEAK);
  await lab.up();
  assert.deepEqual((await lab.list()).undeclared, []);
  const db = (await lab.lab.service('db', ON)).endpoints[0];
  lab.lab.write('place', `${db?.address} ${db?.port}.`);
  await until(async () => (await lab.list()).undeclared.length > 0);
  const sneak = await lab.lab.service('sneak', ON);
  const [found] = (await lab.list()).undeclared;
  assert.deepEqual(
    [found?.service, found?.to, found?.endpoint, found?.pid, found?.program, found?.connections],
    ['sneak', 'db', 'http', sneak.pid, 'node', 1],
  );
  const warned = (await lab.lab.service('db', ON)).warnings.find(({ code }) => code === 'CALLED_UNDECLARED');
  assert.match(
    warned?.text ?? '',
    /^db is called at its own address, without a link: sneak, by node \(pid \d+\)$/,
  );
  assert.match(warned?.fix ?? '', /sneak have `needs: \[db\]` and call \$\{db\.host\}/);

  // This process is no service: listed, and no warning of `lo ps`.
  const socket = await dial(db?.address ?? '', db?.port ?? 0);
  t.after(() => socket.destroy());
  const { undeclared } = await lab.list();
  assert.ok(undeclared.some(({ pid, service }) => pid === process.pid && service === null));
  assert.match(
    await lab.must(['link', 'ls']),
    new RegExp(`without a link: \\S+ \\(pid ${process.pid}\\) has one connection to db/http`),
  );
  const warnings = (await lab.lab.service('db', ON)).warnings.filter(
    ({ code }) => code === 'CALLED_UNDECLARED',
  );
  assert.ok(warnings.length === 1 && !warnings[0]?.text.includes(String(process.pid)));
});

test('whoever was told the address is not listed; a service of another project is, and what lo starts by hand, by their names', async (t) => {
  const told = `${SHOP}  told: { run: node sneak.mjs, ready: { log: looks }, needs: { db: { direct: true } } }\n`;
  const lab = new LinkLab(t, told);
  lab.lab.write('sneak.mjs', SNEAK);
  const billing = dirname(lab.lab.write('../billing/sneak.mjs', SNEAK));
  lab.lab.write(
    '../billing/loopyard.yaml',
    'name: billing\nservices:\n  books: { run: node sneak.mjs, ready: { log: looks } }\n',
  );
  await lab.up();
  await lab.lab.must(['up', '--detach'], 0, { ...ON, cwd: billing });
  const db = (await lab.lab.service('db', ON)).endpoints[0];
  const place = `${db?.address} ${db?.port}.`;
  const logs = lab.start(['logs', 'told', '--follow']);
  lab.lab.write('place', place);
  await logs.says(/connected/);
  // It would ask for a daemon again when that ends.
  logs.signal('SIGINT');
  await logs.finished;
  assert.deepEqual((await lab.list()).undeclared, []);

  lab.lab.write('../billing/place', place);
  const byHand = lab.start([
    'exec',
    'api',
    '--',
    process.execPath,
    '-e',
    HOLD,
    db?.address ?? '',
    `${db?.port}`,
  ]);
  await byHand.says(/connected/);
  await until(async () => (await lab.list()).undeclared.length === 2);
  const { undeclared } = await lab.list();
  assert.deepEqual(undeclared.map(({ service, to }) => [service, to]).sort(), [
    [null, 'db'],
    ['books of billing', 'db'],
  ]);
  const [warning, ...more] = (await lab.lab.service('db', ON)).warnings.filter(
    ({ code }) => code === 'CALLED_UNDECLARED',
  );
  assert.match(warning?.text ?? '', /: books of billing, by node \(pid \d+\)$/);
  assert.match(warning?.fix ?? '', /^name it in `external:` .*environment: shop, service: db/);
  assert.deepEqual(more, []);
  byHand.signal('SIGTERM');
  await byHand.finished;
});

test('the live graph shows links with what is open, callers without one, and faults', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const link = await lab.link('api:db');
  const through = await dial(link.listen.address, link.listen.port);
  const past = await dial(link.upstream?.address ?? '', link.upstream?.port ?? 0);
  t.after(() => {
    through.destroy();
    past.destroy();
  });
  await lab.must(['fault', 'add', 'api:db', 'latency=1s']);
  const graph = await lab.must(['graph', '--live']);
  assert.match(graph, /^api +(──▶|-->) db +1 open, latency=1s down$/m);
  assert.match(
    graph,
    new RegExp(`^\\S+ \\(pid ${process.pid}\\) +(┄┄▶|\\.\\.>) db +1 open, without a link$`, 'm'),
  );
  assert.equal((await lab.lo(['graph'])).code, 2);
});

test('the list follows what happens, one line for each link that changed, and as documents', async (t) => {
  const lab = new LinkLab(t);
  await lab.up();
  const live = lab.start(['link', 'ls', '--follow']);
  const documents = lab.start(['link', 'ls', '--follow', '--json']);
  await live.says(/^api:db {2}0 open, 0 ever/m);
  const { address, port } = (await lab.link('api:db')).listen;
  const socket = await dial(address, port);
  t.after(() => socket.destroy());
  await live.says(/^api:db {2}1 open, 1 ever/m);
  await documents.says(/"name":"api:db".*"connections":1,/);
  await lab.must(['fault', 'add', 'api:db', 'timeout=0']);
  await live.says(/1 open, 1 ever.*timeout/);
  live.signal('SIGINT');
  documents.signal('SIGINT');
  assert.deepEqual([(await live.finished).code, (await documents.finished).code], [130, 130]);
});
