import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { findRecipeProgram } from '../../src/daemon/programs.ts';
import { redis } from '../../src/recipes/redis.ts';
import { needsProgram } from '../support/debian.ts';
import { Rig, type RigOptions } from './rig.ts';

test('listens on its address alone, beside another one on the same port', async (t) => {
  const first = await make(t, {});
  const second = await make(t, {});
  if (first === null || second === null) return;
  await Promise.all([first.run(), second.run()]);
  await first.client('SET', 'who', 'first');
  await second.client('SET', 'who', 'second');
  assert.equal(await first.client('GET', 'who'), 'first');
  assert.equal(await first.client('CONFIG', 'GET', 'bind'), `bind\n${first.host}`);
  assert.equal(redis.url(first.facts), `redis://${first.host}:6379`);
  await Promise.all([first.stop(), second.stop()]);
});

test('keeps its data over a stop and over SIGKILL', async (t) => {
  const rig = await make(t, {});
  if (rig === null) return;
  await rig.run();
  await rig.client('SET', 'a', 'grüße');
  await rig.stop();
  await rig.run();
  assert.equal(await rig.client('GET', 'a'), 'grüße');
  // Redis hands a command to the system before it answers; only a crash of the machine could lose it.
  await rig.client('SET', 'b', '2');
  rig.signal('SIGKILL');
  await rig.end();
  await rig.run();
  assert.equal(await rig.client('GET', 'b'), '2');
  await rig.stop();
});

test('persist: false starts empty', async (t) => {
  const rig = await make(t, { options: { persist: false } });
  if (rig === null) return;
  await rig.run();
  await rig.client('SET', 'a', '1');
  await rig.stop();
  await rig.run();
  assert.equal(await rig.client('GET', 'a'), '');
  await rig.stop();
});

test('settings and a password with odd characters, in a path with odd characters', async (t) => {
  const password = 'p "quo\\te" \' $x #y größe';
  const settings = {
    maxmemory: '64mb',
    'maxmemory-policy': 'allkeys-lru',
    save: '60 1',
    'lazyfree-lazy-eviction': true,
  };
  const folder = `it's "größer" \\ $HOME * dir`;
  const rig = await make(t, { folder, options: { password, settings } });
  if (rig === null) return;
  await rig.run();
  assert.equal(await rig.client('CONFIG', 'GET', 'maxmemory'), 'maxmemory\n67108864');
  assert.equal(await rig.client('CONFIG', 'GET', 'save'), 'save\n60 1');
  assert.equal(await rig.client('CONFIG', 'GET', 'lazyfree-lazy-eviction'), 'lazyfree-lazy-eviction\nyes');
  assert.equal(await rig.client('CONFIG', 'GET', 'dir'), `dir\n${rig.facts.dataDir}`);
  assert.equal(await rig.client('-u', redis.url(rig.facts) ?? '', 'PING'), 'PONG');
  assert.match(await rig.client('-a', 'wrong', 'PING').catch(String), /WRONGPASS|NOAUTH/);
  await rig.stop();
});

test('what the recipe says itself cannot be said twice', () => {
  const problems = redis.check({
    settings: { port: 1, requirepass: 'x', 'Bad name': 1, 'client-output': [1] },
  });
  assert.deepEqual(
    problems.map(({ message }) => message),
    [
      '`settings.Bad name` is not a name of redis.conf',
      '`settings.port` is set by Loopyard; use the service’s `port:`',
      '`settings.requirepass` is set by Loopyard; use `password`',
      '`settings.client-output` must be a text, number or boolean',
    ],
  );
});

async function make(t: TestContext, given: RigOptions): Promise<Rig | null> {
  for (const program of redis.programs) {
    const find = (): string | null => findRecipeProgram(program, process.env.PATH ?? '', process.cwd());
    if (!(await needsProgram(t, find, 'redis-server'))) return null;
  }
  return Rig.create(t, redis, given);
}
