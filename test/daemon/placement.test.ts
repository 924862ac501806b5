/** Where a service is told to listen, on machines and beside neighbours of many kinds. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Service } from '../../src/core/model.ts';
import { type Placement, place } from '../../src/daemon/placement.ts';
import type { BindAnswer, ListenerFacts, Platform } from '../../src/platform/platform.ts';
import { fakePlatform, listener } from '../support/fake-platform.ts';

const ADDRESS = '127.64.0.1';

interface Machine {
  /** Code of a bind that does not work, by port. */
  readonly refuses?: Readonly<Record<number, string>>;
  readonly listeners?: readonly ListenerFacts[];
  /** inode -> pid. */
  readonly owners?: readonly (readonly [number, number])[];
  readonly cwd?: string | null;
}

function machine({ refuses = {}, listeners = [], owners = [], cwd = '/home/me' }: Machine): Platform {
  return fakePlatform({
    tryBind: async (_, port): Promise<BindAnswer> => {
      const code = refuses[port];
      return code === undefined ? { bindable: true } : { bindable: false, code };
    },
    listeners: () => listeners,
    owners: (inodes) =>
      new Map(owners.filter(([inode]) => inodes.has(inode)).map(([inode, pid]) => [inode, [pid]])),
    details: (pid) => ({ pid, uid: 1000, command: ['/usr/bin/node', 'x'], cwd }),
  });
}

function service(...ports: readonly number[]): Service {
  const endpoints = ports.map((port) => ({ name: `p${port}`, protocol: 'http', port }));
  return { name: 'api', endpoints } as unknown as Service;
}

async function placed(on: Machine, ignoresPort = false, ports = [80, 3000]): Promise<Placement> {
  let next = 20_000;
  const leasePort = async (key: string): Promise<number> => {
    assert.match(key, /^api\/p\d+$/);
    next += 1;
    return next;
  };
  const request = { service: service(...ports), address: ADDRESS, ignoresPort };
  return await place(request, { platform: machine(on), leasePort });
}

test('its own address and its usual ports, when they can be had', async () => {
  assert.deepEqual(await placed({}), {
    strategy: 'address',
    host: ADDRESS,
    ports: { p80: 80, p3000: 3000 },
    warnings: [],
  });
});

test('one port that cannot be had moves all of them: a service has one host', async () => {
  const { strategy, host, ports } = await placed({ refuses: { 3000: 'EADDRNOTAVAIL' } });
  assert.deepEqual([strategy, host, ports], ['port', '127.0.0.1', { p80: 20_001, p3000: 20_002 }]);
});

test('a machine with 127.0.0.1 alone is nothing to warn of', async () => {
  assert.deepEqual((await placed({ refuses: { 80: 'EADDRNOTAVAIL' } })).warnings, []);
});

test('a privileged port is leased, with what to do about it', async () => {
  const [warning] = (await placed({ refuses: { 80: 'EACCES' } })).warnings;
  assert.equal(warning?.code, 'PORT_LEASED');
  assert.match(warning?.fix ?? '', /ip_unprivileged_port_start=80/);
});

test('behind a foreign wildcard it moves and names the holder', async () => {
  for (const [wildcard, words] of [
    ['0.0.0.0', '0.0.0.0:3000'],
    ['::', '[::]:3000'],
  ] as const) {
    const on = {
      refuses: { 3000: 'EADDRINUSE' },
      listeners: [listener(wildcard, 3000)],
      owners: [[1, 42]],
    } as const;
    const { strategy, warnings } = await placed(on);
    assert.equal(strategy, 'port');
    assert.equal(warnings[0]?.code, 'PORT_HELD_WIDE');
    assert.match(warnings[0]?.text ?? '', /node \(pid 42, in \/home\/me\)/);
    assert.ok(warnings[0]?.text.includes(words));
    await assert.rejects(placed(on, true), { code: 'PORT_HELD_WIDE' });
  }
});

test('a specific listener is an error that says whom to stop', async () => {
  const on = {
    refuses: { 3000: 'EADDRINUSE' },
    listeners: [listener(ADDRESS, 3000)],
    owners: [[1, 42]],
  } as const;
  await assert.rejects(placed(on), (error: Error & { code?: string; hint?: string }) => {
    assert.equal(error.code, 'PORT_HELD');
    assert.match(error.message, /127\.64\.0\.1:3000 is held by node \(pid 42/);
    assert.match(error.hint ?? '', /kill 42/);
    return true;
  });
});

test('what cannot be seen is said to be unseen', async () => {
  const hidden = { refuses: { 3000: 'EADDRINUSE' }, listeners: [listener(ADDRESS, 3000, { uid: 7 })] };
  await assert.rejects(placed(hidden), /user 7 that cannot be seen/);
  await assert.rejects(placed({ refuses: { 3000: 'EADDRINUSE' } }), /bound but does not listen/);
});

test('any other answer is told as it is', async () => {
  await assert.rejects(placed({ refuses: { 80: 'EINVAL' } }), {
    code: 'ADDRESS_UNAVAILABLE',
    details: { address: ADDRESS, reason: 'EINVAL' },
  });
});

test('only who stands in the way is named: this port, this address or a wildcard, TCP', async () => {
  const bystanders = [
    listener('127.64.0.2', 3000, { inode: 2 }),
    listener(ADDRESS, 3001, { inode: 3 }),
    listener('0.0.0.0', 3000, { inode: 4, protocol: 'udp' }),
  ];
  const owners = [2, 3, 4, 5].map((inode) => [inode, 40 + inode] as const);
  const on = { refuses: { 3000: 'EADDRINUSE' }, owners, cwd: null };
  await assert.rejects(placed({ ...on, listeners: bystanders }), /bound but does not listen/);
  // Java listens on IPv4 through an IPv6 socket.
  const java = listener(`::ffff:${ADDRESS}`, 3000, { inode: 5 });
  await assert.rejects(placed({ ...on, listeners: [...bystanders, java] }), /held by node \(pid 45\)/);
});
