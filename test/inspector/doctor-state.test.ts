/** What the doctor's checks of state, daemon and leases say of what they are told. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DaemonAnswer, KnownEnvironment } from '../../src/inspector/doctor/own.ts';
import { ANSWERS, type Changes, DIRECTORY, expect, facts, paths } from './doctor-rig.ts';

test('the state directory', async () => {
  const { home } = facts().own.place();
  const at = (change: object | null, rest: Parameters<typeof paths>[0] = {}): Changes => ({
    health: { path: paths(change === null ? rest : { [home]: { ...DIRECTORY, ...change }, ...rest }) },
  });
  await expect('state', at({ mode: 0o755 }), 'warn', /open to others \(mode 0755\)/, `chmod 700 ${home}`);
  await expect('state', at({ uid: 0 }), 'fail', /belongs to user 0, and this is user 1000/, /LOOPYARD_HOME/);
  await expect('state', at({ writable: false }), 'fail', /cannot be written/, /chmod u\+rwx/);
  await expect('state', at({ kind: 'file' }), 'fail', /no directory/, /LOOPYARD_HOME/);
  await expect('state', at(null, { '/home/anna': DIRECTORY }), 'ok', /is made on first use/, null);
  await expect(
    'state',
    at(null, { '/': { ...DIRECTORY, writable: false } }),
    'fail',
    /\/ cannot be written/,
    /LOOPYARD_HOME/,
  );
  await expect(
    'state',
    at(null, { '/home': { code: 'EACCES' } }),
    'fail',
    /\/home \(EACCES\)/,
    /LOOPYARD_HOME/,
  );
});

test('the disk', async () => {
  const { home } = facts().own.place();
  const space = (change: object): Changes => ({
    health: {
      space: async () => ({ freeBytes: 50e9, totalBytes: 100e9, freeFiles: 1e6, kind: 'tmpfs', ...change }),
    },
  });
  await expect('disk', space({ freeBytes: 1e6 }), 'fail', /only 1\.0 MB free/, `df -h ${home}`);
  await expect('disk', space({ freeBytes: 5e8 }), 'warn', /500\.0 MB free/, `df -h ${home}`);
  await expect('disk', space({ freeFiles: 3 }), 'warn', /only 3 more files/, `df -i ${home}`);
  const trial = (answer: object) => ({ health: { tryFile: async () => answer as never } });
  await expect(
    'disk',
    trial({ written: false, code: 'ENOSPC' }),
    'fail',
    /no file can be written.*ENOSPC/,
    /df -h/,
  );
  await expect(
    'disk',
    trial({ written: true, holes: false }),
    'warn',
    /cannot free the head/,
    /LOOPYARD_HOME/,
  );
  await expect(
    'disk',
    { health: { path: paths({}), tryFile: () => assert.fail('nothing may be written') } },
    'ok',
    /free/,
    null,
  );
});

function daemon(answer: DaemonAnswer, health: Changes['health'] = {}): Changes {
  const socket = { ...DIRECTORY, kind: 'socket', mode: 0o600 } as const;
  return {
    own: { daemon: async () => answer },
    health: { path: paths({ '/home/anna/.local/state/loopyard/daemon.sock': socket }), ...health },
  };
}

test('the daemon', async () => {
  await expect(
    'daemon',
    daemon(ANSWERS),
    'ok',
    /version 1\.0\.0, pid 77; 2 environments, 3 services running$/,
    null,
  );
  await expect('daemon', daemon({ ...ANSWERS, build: 'b2' }), 'warn', /not of this build/, 'lo daemon stop');
  await expect(
    'daemon',
    daemon({ ...ANSWERS, sameNamespaces: false }),
    'warn',
    /another network/,
    /stop --all/,
  );
  await expect('daemon', daemon({ state: 'absent', holder: 9 }), 'fail', /process 9 is the daemon/, 'kill 9');
  await expect(
    'daemon',
    daemon({ state: 'silent', afterMs: 3000, holder: 9 }),
    'fail',
    /daemon \(pid 9\) did not answer within 3 s/,
    'kill -9 9',
  );
  await expect(
    'daemon',
    daemon({ state: 'silent', afterMs: 3000, holder: null }),
    'fail',
    /no daemon of this home/,
    `rm ${ANSWERS.socket}`,
  );
  await expect(
    'daemon',
    daemon({ state: 'refused', reason: 'it belongs to another user' }),
    'fail',
    /another user/,
    null,
  );
  const open = paths({ [ANSWERS.socket]: { ...DIRECTORY, kind: 'socket', mode: 0o666 } });
  await expect(
    'daemon',
    daemon(ANSWERS, { path: open }),
    'warn',
    /open to others \(mode 0666\)/,
    `chmod 600 ${ANSWERS.socket}`,
  );
});

function environment(name: string, change: Partial<KnownEnvironment> = {}): KnownEnvironment {
  return {
    id: `${name}-1`,
    unreadable: null,
    name,
    checkout: `/src/${name}`,
    exists: true,
    blocks: [5],
    alive: [],
    ...change,
  };
}

test('leases', async () => {
  const own = (...all: readonly KnownEnvironment[]): NonNullable<Changes['own']> => ({
    environments: async () => all,
    daemon: async () => ANSWERS,
  });
  const claims = (pid: number) => ({ claims: () => [{ name: 'block-5', pids: [pid] }] });
  const shop = environment('shop');
  await expect(
    'leases',
    { own: own(shop), health: claims(77) },
    'ok',
    /1 block held by 1 environment; .* claim 1 block$/,
    null,
  );
  await expect(
    'leases',
    { own: own(shop), health: claims(78) },
    'warn',
    /127\.64\.5\.0\/24.*pid 78/,
    /lo up/,
  );
  await expect(
    'leases',
    { own: own(shop, environment('bank')), health: claims(77) },
    'warn',
    /shop and bank both hold 127\.64\.5\.0\/24/,
    'lo down --environment bank-1 && cd /src/bank && lo up --detach',
  );
  await expect(
    'leases',
    { own: own(shop), health: { claims: () => null } },
    'unknown',
    /cannot be read/,
    null,
  );
});

test('leftovers', async () => {
  const own = (...all: readonly KnownEnvironment[]): NonNullable<Changes['own']> => ({
    environments: async () => all,
  });
  const lives = { alive: [{ run: 'db-1', pid: 41 }] };
  await expect(
    'leftovers',
    { own: own(environment('shop', { exists: false })) },
    'warn',
    /without a checkout: shop/,
    'lo clean',
  );
  await expect(
    'leftovers',
    { own: own(environment('shop', { exists: false, ...lives })) },
    'warn',
    /no checkout any more, and 1 service/,
    'lo down --environment shop-1 && lo clean',
  );
  await expect(
    'leftovers',
    { own: own(environment('shop', lives)) },
    'warn',
    /no daemon runs.*pid 41/,
    'lo ls',
  );
  const torn = environment('shop', { unreadable: 'Unexpected end' });
  await expect('leftovers', { own: own(torn) }, 'unknown', /shop-1 cannot be read: Unexpected end/, null);
  const refused = { ask: async () => ({ state: 'refused', code: 'ECONNREFUSED' }) as const };
  await expect('leftovers', { health: refused }, 'warn', /nobody serves .*daemon\.sock/, 'lo ls');
  const busy = { ...own(environment('shop', lives)), daemon: async () => ANSWERS };
  await expect('leftovers', { own: busy }, 'ok', /none/, null);
});
