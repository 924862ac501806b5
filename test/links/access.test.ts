/** `access: declared` with real programs: who gets through, who is refused and how they learn why, and that nothing opens it. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../support/until.ts';
import { AccessLab, dialFrom } from './access-rig.ts';
import { dial, freePort, get } from './rig.ts';

const REFUSED = 'ECONNRESET';

test('those who need it get through, and what lo starts; everybody else is refused and named', async (t) => {
  const lab = await AccessLab.up(t);
  const [door, link] = [await lab.door(), await lab.link('api:db')];
  assert.notEqual(door, await lab.hidden());

  assert.equal(await lab.from('api', 'self', link), 'db');
  assert.equal(await lab.from('api', 'child', link), 'db');
  assert.equal(await lab.from('api', 'self', door), 'db');
  for (const words of [['exec', 'web'], ['exec', 'api'], ['test']]) {
    assert.equal(await lab.by(words, door), 'db', words.join(' '));
    assert.equal(await lab.by(words, link), 'db', words.join(' '));
  }

  const { pid: web } = await lab.service('web');
  const environment = (await lab.links.lab.ps({ env: { LOOPYARD_GATEWAY: 'on' } })).environment.id;
  assert.equal(await lab.from('web', 'self', door), REFUSED);
  assert.equal(await lab.from('web', 'self', link), REFUSED);
  // The mark of a service that may call does not make a stray one of its processes.
  const [stray, fate] = await lab.stray(door, { LOOPYARD_RUN: `${environment}.api-1` });
  assert.equal(fate, REFUSED);

  const at = async (name: string) =>
    (await lab.links.link(name)).refused?.callers.map(({ pid, program, service }) => [pid, program, service]);
  assert.deepEqual(await at(':db'), [
    [stray, 'node', null],
    [web, 'node', 'web'],
  ]);
  assert.deepEqual(await at('api:db'), [[web, 'node', 'web']]);
  const table = await lab.links.must(['link', 'ls']);
  assert.match(table, /^:db .* declared callers only, refused 2$/m);
  assert.match(table, new RegExp(`^refused: web: node \\(pid ${web}\\) at :db$`, 'm'));
  assert.match(
    table,
    /^db has `access: declared`; whoever finds where it listens itself, \S+, is not asked$/m,
  );
  const warning = (await lab.warnings()).find(({ code }) => code === 'CALLER_REFUSED');
  assert.match(warning?.text ?? '', new RegExp(`^db refused .*node \\(pid ${stray}\\)`));
  assert.match(warning?.text ?? '', new RegExp(`web: node \\(pid ${web}\\)`));
  assert.match(await lab.links.must(['graph', '--live']), /lo exec, test … +\S+ db +idle, refused 2/);
});

test('its own address cannot be closed: whoever goes there is listed, and warned of', async (t) => {
  const lab = await AccessLab.up(t);
  const [address = '', port] = (await lab.hidden()).split('/');
  const socket = await dial(address, Number(port));
  t.after(() => socket.destroy());
  const { undeclared } = await lab.links.list();
  assert.deepEqual(
    undeclared.map(({ to, pid, service }) => [to, pid, service]),
    [['db', process.pid, null]],
  );
  const warning = (await lab.warnings()).find(({ code }) => code === 'CALLED_UNDECLARED');
  assert.match(warning?.text ?? '', new RegExp(`called past that, .*\\(pid ${process.pid}\\)$`));
  assert.match(warning?.fix ?? '', /lo exec SERVICE/);
  // A name would be a way in for everybody.
  assert.deepEqual((await lab.service('db')).endpoints[0]?.names, []);
});

test('the guard outlives the gateway and the daemon, and so do those who may pass', async (t) => {
  const lab = await AccessLab.up(t);
  const [door, link] = [await lab.door(), await lab.link('api:db')];
  const url = await lab.links.url('api');
  const through = async (): Promise<string> => await get(`${url}/child/${link}`);

  process.kill((await lab.links.gateway()).pid, 'SIGKILL');
  await until(async () => (await through()) === 'db');
  assert.equal(await dialFrom(door), REFUSED);

  const daemon = await lab.links.lab.daemonPid();
  process.kill(daemon ?? 0, 'SIGKILL');
  assert.equal(await through(), 'db');
  assert.equal(await dialFrom(door), REFUSED);

  // Nobody is left to start another one: nobody gets through, neither there nor behind it.
  process.kill((await lab.links.gateway()).pid, 'SIGKILL');
  await until(async () => (await dialFrom(door)) === 'ECONNREFUSED');
  assert.equal(await through(), 'ECONNREFUSED');
  await lab.links.must(['ps']);
  await until(async () => (await through()) === 'db');
  assert.equal(await dialFrom(door), REFUSED);
});

test('a run that comes again is known before its first call; what left its family is not', async (t) => {
  const lab = await AccessLab.up(t);
  const [door, link] = [await lab.door(), await lab.link('api:db')];
  const before = (await lab.service('api')).pid;
  process.kill(before ?? 0, 'SIGKILL');
  await until(async () => {
    const { state, pid } = await lab.service('api');
    return state === 'ready' && pid !== before;
  });
  assert.equal(await lab.from('api', 'self', link), 'db');

  // It carries the mark of api, and could have set that itself.
  await lab.from('api', 'orphan', door);
  await until(async () => ((await lab.links.link(':db')).refused?.count ?? 0) > 0);
  const [caller] = (await lab.links.link(':db')).refused?.callers ?? [];
  assert.deepEqual([caller?.program, caller?.service], ['node', null]);
});

test('what the gateway itself leads there is refused as what it is', async (t) => {
  const lab = await AccessLab.up(t);
  const door = await lab.door();
  await lab.links.must(['link', 'add', door.replace('/', ':'), '--name', 'way-round']);
  const place = await lab.link('way-round');
  assert.equal(await dialFrom(place), REFUSED);
  const [caller] = (await lab.links.link(':db')).refused?.callers ?? [];
  assert.match(
    caller?.program ?? '',
    /gateway, for an alias, a link without a project or another environment/,
  );
});

test('access comes and goes with the file: db keeps the address that people know', async (t) => {
  const open = `
name: shop
services:
  db: { run: node db.mjs, port: { tcp: 5432 } }
  api: { run: node caller.mjs, port: 3000, needs: [db] }
`;
  const lab = await AccessLab.up(t, open);
  const place = await lab.door();
  const link = await lab.link('api:db');
  assert.equal(await dialFrom(place), 'db');
  assert.equal(await dialFrom(link), 'db');
  lab.links.lab.write('loopyard.yaml', open.replace('tcp: 5432 } }', 'tcp: 5432 }, access: declared }'));
  await lab.links.up();
  assert.equal(await lab.door(), place);
  await until(async () => (await dialFrom(place)) === REFUSED);
  assert.equal(await dialFrom(link), REFUSED);
  assert.equal(await lab.from('api', 'self', await lab.link('api:db')), 'db');
  lab.links.lab.write('loopyard.yaml', open);
  await lab.links.up();
  assert.equal(await dialFrom(place), 'db');
  assert.equal(await dialFrom(await lab.link('api:db')), 'db');
});

test('where it cannot hold, it says so: a program that listens elsewhere than told, links that are off', async (t) => {
  const port = await freePort();
  const wide = `
name: shop
services:
  db: { run: WIDE=1 node db.mjs, port: { tcp: ${port} }, access: declared, bind: as-is }
`;
  const lab = await AccessLab.up(t, wide);
  const warning = (await lab.warnings()).find(({ code }) => code === 'ACCESS_OPEN');
  assert.match(
    warning?.text ?? '',
    /^db has `access: declared`, but listens on 0\.0\.0\.0:\d+, .*any address is not asked$/,
  );
  assert.match(warning?.fix ?? '', /\$HOST:\$PORT/);

  await lab.links.must(['daemon', 'stop', '--all']);
  lab.links.lab.write('loopyard.yaml', wide.replace('WIDE=1 ', '').replace(', bind: as-is', ''));
  await lab.links.lab.must(['up', '--detach']);
  const off = (await lab.links.lab.service('db')).warnings.find(({ code }) => code === 'ACCESS_OPEN');
  assert.match(off?.text ?? '', /nobody stands before it: links are off \(LOOPYARD_GATEWAY=off\)$/);
});
