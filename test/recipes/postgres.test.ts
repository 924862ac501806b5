import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { OtherUserWay } from '../../src/core/other-user.ts';
import { findRecipeProgram } from '../../src/daemon/programs.ts';
import { postgres } from '../../src/recipes/postgres.ts';
import { needsProgram } from '../support/debian.ts';
import { until } from '../support/until.ts';
import { Rig, type RigOptions } from './rig.ts';

const APP = { user: 'app', database: 'shop' };
const isRoot = process.getuid?.() === 0;

test('makes user and database, runs init files once and in order, keeps data', async (t) => {
  const rig = await make(t, { options: { ...APP, init: 'db/*.sql' } });
  if (rig === null) return;
  rig.write('db/1-tables.sql', 'CREATE TABLE word (id serial PRIMARY KEY, text text NOT NULL);\n');
  rig.write('db/2 words.sql', "INSERT INTO word (text) VALUES ('grüße'), ('second');\n");
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT current_user, current_database()'), 'app|shop');
  assert.equal(await rig.client('-Atc', 'SELECT text FROM word ORDER BY id'), 'grüße\nsecond');
  assert.equal(await rig.client('-Atc', 'SHOW server_encoding'), 'UTF8');
  await rig.client('-c', "INSERT INTO word (text) VALUES ('third')");
  await rig.stop();
  assert.match(rig.log, /database system is shut down/);
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT count(*) FROM word'), '3');
  await rig.stop();
  assert.equal(rig.log.match(/making a cluster/g)?.length, 1);
  assert.doesNotMatch(rig.log, /FATAL/, 'waiting until it is ready leaves no traces in the log');
});

test('listens on its address alone, beside another one on the same port', async (t) => {
  const first = await make(t, { options: APP });
  const second = await make(t, { options: { user: 'other' } });
  if (first === null || second === null) return;
  await Promise.all([first.run(), second.run()]);
  for (const rig of [first, second]) {
    assert.equal(rig.port, 5432);
    assert.equal(await rig.client('-Atc', 'SHOW listen_addresses'), rig.host);
    assert.equal(await rig.client('-Atc', 'SHOW unix_socket_directories'), '');
  }
  assert.equal(await second.client('-Atc', 'SELECT current_user, current_database()'), 'other|other');
  await Promise.all([first.stop(), second.stop()]);
});

test('settings reach the server, changed ones with the next start', async (t) => {
  const settings = { max_connections: 17, log_statement: 'all', fsync: false };
  const rig = await make(t, { options: { ...APP, settings } });
  if (rig === null) return;
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SHOW max_connections'), '17');
  assert.equal(await rig.client('-Atc', 'SHOW fsync'), 'off');
  await rig.client('-Atc', 'SELECT 424242');
  assert.match(rig.log, /statement: SELECT 424242/);
  Object.assign(settings, { max_connections: 23 });
  await rig.stop();
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SHOW max_connections'), '23');
  await rig.stop();
});

test('a failing init file fails the service with its error, and the next start begins anew', async (t) => {
  const rig = await make(t, { options: { ...APP, init: ['a.sql', 'b.sql'] } });
  if (rig === null) return;
  rig.write('a.sql', 'CREATE TABLE a (id int);\n');
  rig.write('b.sql', 'SELECT 1;\nSELEKT 2;\n');
  rig.start();
  await rig.end();
  assert.equal(rig.code, 1);
  assert.match(rig.log, /psql:b\.sql:2: ERROR:\s+syntax error at or near "SELEKT"/);
  assert.deepEqual(readdirSync(rig.facts.dataDir), []);
  assert.deepEqual(rig.processes(), []);
  rig.write('b.sql', 'INSERT INTO a VALUES (7);\n');
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT id FROM a'), '7');
  await rig.stop();
});

test('a pattern that no file matches is an error', async (t) => {
  const rig = await make(t, { options: { ...APP, init: 'nowhere/*.sql' } });
  if (rig === null) return;
  rig.start();
  await rig.end();
  assert.equal(rig.code, 1);
  assert.match(rig.log, /no file matches nowhere\/\*\.sql/);
});

for (const name of ['SIGKILL', 'SIGINT'] as const) {
  test(`${name} while the cluster is made leaves nothing half-made`, async (t) => {
    // So deep, by SIGKILL, that the private socket has to be elsewhere.
    const folder = name === 'SIGKILL' ? 'deep/'.repeat(20) : 'plain';
    const rig = await make(t, { folder, options: { ...APP, init: 'slow.sql' } });
    if (rig === null) return;
    rig.write('slow.sql', "CREATE TABLE a (id int);\n\\echo 'in the middle'\nSELECT pg_sleep(1000);\n");
    const sockets: string[] = [];
    for (const moment of [/making a cluster/, /in the middle/]) {
      rig.start();
      await until(() => moment.test(rig.log.slice(rig.log.lastIndexOf('first start'))));
      sockets.push(...linksIn(rig.facts.dataDir));
      rig.signal(name);
      await until(() => rig.processes().length === 0, 10_000);
      await rig.end();
      assert.ok(!existsSync(join(rig.facts.dataDir, 'cluster')));
    }
    rig.write('slow.sql', 'CREATE TABLE a (id int);\n');
    await rig.run();
    assert.equal(await rig.client('-Atc', 'SELECT count(*) FROM a'), '0');
    assert.deepEqual(readdirSync(rig.facts.dataDir), ['cluster']);
    assert.equal(sockets.length > 0, name === 'SIGKILL');
    assert.deepEqual(sockets.filter(existsSync), []);
    await rig.stop();
  });
}

test('after SIGKILL of the server it recovers what was committed', async (t) => {
  const rig = await make(t, { options: APP });
  if (rig === null) return;
  await rig.run();
  await rig.client('-c', 'CREATE TABLE a AS SELECT generate_series(1, 1000) AS id');
  rig.signal('SIGKILL');
  await rig.end();
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT sum(id) FROM a'), '500500');
  await rig.stop();
});

test('a password is asked for, and is in no process list', async (t) => {
  const rig = await make(t, { options: { ...APP, password: "it's a $ecret" } });
  if (rig === null) return;
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT 1'), '1');
  const url = postgres.url(rig.facts) ?? '';
  assert.equal(await rig.client(url, '-Atc', 'SELECT current_database()'), 'shop');
  await assert.rejects(
    rig.client(url.replace(/:[^:@]*@/, ':wrong@'), '-c', 'SELECT 1'),
    /authentication failed/,
  );
  const argv = postgres.plan(rig.facts).argv.join(' ');
  assert.ok(!argv.includes('ecret'));
  await rig.stop();
});

test('a long path with spaces, quotes and letters beyond ASCII', async (t) => {
  const folder = `${'deep/'.repeat(30)}it's "größer" $HOME * dir`;
  const rig = await make(t, { folder, options: { ...APP, init: 'db/*.sql' } });
  if (rig === null) return;
  rig.write('db/a b.sql', 'CREATE TABLE a (id int);\n');
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT count(*) FROM a'), '0');
  await rig.stop();
});

test('a variable of the person’s own PostgreSQL does not lead astray', async (t) => {
  const variables = {
    PGHOST: '/nowhere',
    PGDATABASE: 'wrong',
    PGUSER: 'wrong',
    PGPORT: '1',
    PGDATA: '/nowhere',
  };
  const rig = await make(t, { variables, options: APP });
  if (rig === null) return;
  await rig.run();
  assert.equal(await rig.client('-Atc', 'SELECT current_database()'), 'shop');
  await rig.stop();
});

test('a version that is not installed is named with its package', async (t) => {
  const rig = await make(t, { options: { ...APP, version: 9 } });
  if (rig === null) return;
  rig.start();
  await rig.end();
  assert.equal(rig.code, 1);
  assert.match(rig.log, /PostgreSQL 9 is needed[\s\S]*apt-get install postgresql-9/);
});

test('root gets there both ways, also over data that the other way made', { skip: !isRoot }, async (t) => {
  const folder = 'both';
  let before: Rig | null = null;
  for (const way of ['unshare', 'setpriv', 'unshare'] as const satisfies OtherUserWay[]) {
    const rig: Rig | null = await make(t, { folder, way, options: APP });
    if (rig === null) return;
    const facts: Rig['facts'] = before === null ? rig.facts : { ...rig.facts, dataDir: before.facts.dataDir };
    Object.assign(rig, { facts });
    before ??= rig;
    await rig.run();
    assert.equal(await rig.client('-Atc', 'SELECT current_user'), 'app');
    await rig.stop();
  }
});

/** Where the links in a directory lead. */
function linksIn(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((entry) => entry.isSymbolicLink())
    .map((entry) => readlinkSync(join(directory, entry.name)));
}

async function make(t: TestContext, given: RigOptions): Promise<Rig | null> {
  const program = postgres.programs[0];
  assert.ok(program);
  const find = (): string | null => findRecipeProgram(program, process.env.PATH ?? '', process.cwd());
  return (await needsProgram(t, find, 'postgresql')) ? Rig.create(t, postgres, given) : null;
}
