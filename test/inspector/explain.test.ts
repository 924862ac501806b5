/** `lo explain` as a whole: on a machine that the test plays, and with real listeners on this one. */

import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { explain } from '../../src/inspector/explain/explain.ts';
import { currentPlatform } from '../../src/platform/current.ts';
import { BRIDGE, LOOPBACK, told, WIRELESS } from './explain-scene.ts';

describe('explain: the answer', () => {
  it('where nothing listens', async () => {
    for (const [subject, answer] of [
      ['127.0.0.1:62893', '127.0.0.1:62893 is port 62893 of this machine itself; nothing listens there.'],
      ['[::1]:5432', '[::1]:5432 is port 5432 of this machine itself; nothing listens there.'],
      ['localhost:80', 'localhost:80 is port 80 of this machine itself; nothing listens there.'],
      ['localhost', 'localhost is this machine itself: 127.0.0.1, then ::1.'],
      ['127.0.0.1', '127.0.0.1 is this machine itself (loopback).'],
      ['::ffff:7f00:1', '::ffff:7f00:1 is this machine itself (loopback).'],
      ['0.0.0.0', '0.0.0.0 means every IPv4 address of this machine, not a single one.'],
      ['::', ':: means every IPv6 address of this machine, not a single one.'],
      ['*:80', '*:80 means port 80 on every address of this machine; nothing listens there.'],
      ['192.168.1.5', '192.168.1.5 is this machine on wlan0, a private address.'],
      ['192.168.1.6', '192.168.1.6 is a private address, not of this machine.'],
      [
        '10.0.0.1:80',
        '10.0.0.1:80 is port 80 of a private address, not of this machine; what listens there was not looked at.',
      ],
      ['8.8.8.8', '8.8.8.8 is a public address, not of this machine.'],
      ['5432', 'Port 5432 is registered for postgresql (PostgreSQL Database); nothing listens on it.'],
      [
        '3000',
        'Port 3000 is used by development servers: Next.js, Rails, Express, Grafana; nothing listens on it.',
      ],
      ['62893', 'Port 62893 is a dynamic port, for which no service is registered; nothing listens on it.'],
      [
        'example.org',
        'example.org is a name that was not looked up, since only another machine may know it.',
      ],
      [
        'http://example.org/x',
        'http://example.org/x is port 80 of a name that was not looked up, since only another machine may know it; what listens there was not looked at.',
      ],
    ] as const) {
      const report = await told(subject);
      assert.equal(report.answer, answer);
      assert.deepEqual(report.listeners, []);
      assert.equal(report.subject, subject);
    }
  });

  it('where somebody listens', async () => {
    for (const [subject, sockets, answer] of [
      ['127.0.0.1:80', [['127.0.0.1', 80]], 'node (pid 812) listens, reachable from this machine only'],
      ['localhost:80', [['::1', 80]], 'node (pid 812) listens, reachable from this machine only'],
      [
        '127.0.0.1:80',
        [['0.0.0.0', 80]],
        'node (pid 812) listens, reachable from every network of this machine',
      ],
      [
        '127.9.9.9:80',
        [['0.0.0.0', 80]],
        'node (pid 812) listens, reachable from every network of this machine',
      ],
      ['[::1]:80', [['::', 80]], 'node (pid 812) listens, reachable from every network of this machine'],
      [
        '192.168.1.5:80',
        [['192.168.1.5', 80]],
        'node (pid 812) listens, reachable from the network of wlan0',
      ],
      ['::ffff:127.0.0.1', [['127.0.0.1', 80]], null],
      [
        '[::ffff:127.0.0.1]:80',
        [['127.0.0.1', 80]],
        'node (pid 812) listens, reachable from this machine only',
      ],
      [
        '127.0.0.1:80',
        [['::ffff:127.0.0.1', 80]],
        'node (pid 812) listens, reachable from this machine only',
      ],
      [
        '127.0.0.1:53',
        [['127.0.0.1', 53, 'udp']],
        'node (pid 812) listens, reachable from this machine only',
      ],
    ] as const) {
      const report = await told(subject, { sockets });
      assert.equal(report.listeners.length, 1, subject);
      if (answer !== null) assert.equal(report.answer, `${subject} is where ${answer}.`);
    }
    const alone = await told('80', {
      sockets: [
        ['127.0.0.2', 80],
        ['::1', 80],
      ],
    });
    assert.equal(alone.answer, 'Port 80 is where node (pid 812) listens, reachable from this machine only.');
    assert.equal(alone.listeners.length, 2);
  });

  it('a listener elsewhere is not taken for one here', async () => {
    for (const [subject, address] of [
      ['127.0.0.1:80', '127.0.0.2'],
      ['127.0.0.1:80', '::1'],
      ['[::1]:80', '0.0.0.0'],
      ['192.168.1.5:80', '127.0.0.1'],
      ['0.0.0.0:80', '127.0.0.1'],
    ] as const) {
      const report = await told(subject, {
        sockets: [
          [address, 80],
          ['127.0.0.1', 81],
        ],
      });
      assert.deepEqual(report.listeners, [], subject);
      assert.equal(report.reach, null);
      assert.match(report.answer, /nothing listens there/);
      assert.match(
        report.notes.join('\n'),
        new RegExp(`on the same port node \\(pid 812\\) listens at ${address},`),
      );
    }
    const foreign = await told('10.0.0.1:80', { sockets: [['0.0.0.0', 80]] });
    assert.deepEqual(foreign.listeners, []);
  });

  it('an owner that cannot be seen is no reason to say that nothing listens', async () => {
    const report = await told('127.0.0.1:80', { sockets: [['127.0.0.1', 80]], unseen: true });
    assert.match(report.answer, /is where a program of ann that cannot be seen listens/);
    assert.deepEqual(report.unseen, [
      { what: 'processes of other users', why: 'this user may not look into them', fix: null },
    ]);
  });

  it('sockets that cannot be read are told of', async () => {
    const gap = { what: '/proc/net/tcp', why: 'EACCES' };
    const report = await told('127.0.0.1:80', {
      platform: { sockets: () => ({ sockets: [], gaps: [gap] }) },
    });
    assert.deepEqual(report.unseen, [{ ...gap, fix: null }]);
    assert.equal(
      report.answer,
      '127.0.0.1:80 is port 80 of this machine itself; whether anybody listens there could not be seen.',
    );
  });

  it('a listener on :: that leaves IPv4 out does not answer for 127.0.0.1', async () => {
    const sockets = [['::', 3000]] as const;
    const both = await told('127.0.0.1:3000', { sockets, missing: ['127.0.0.1:3000'] });
    assert.equal(both.listeners.length, 1);
    const ipv6Only = await told('127.0.0.1:3000', { sockets });
    assert.deepEqual(ipv6Only.listeners, []);
    assert.match(ipv6Only.notes.join('\n'), /on the same port node \(pid 812\) listens at ::/);
    assert.equal((await told('localhost:3000', { sockets })).listeners.length, 1);
  });
});

describe('explain: who may reach it', () => {
  it('in a sentence', async () => {
    const interfaces = [LOOPBACK, WIRELESS, BRIDGE];
    for (const [address, reach] of [
      ['127.0.0.1', 'only this machine'],
      [
        '192.168.1.5',
        "the hosts of wlan0's network 192.168.1.0/24, unless a firewall is in the way (not looked)",
      ],
      [
        '0.0.0.0',
        'every host of the networks of this machine, 192.168.1.0/24 (wlan0), 172.17.0.0/16 (docker0), unless a firewall is in the way (not looked)',
      ],
      [
        '::',
        'every host of the networks of this machine, 192.168.1.0/24 (wlan0), 2001:db8:1::/64 (wlan0), 172.17.0.0/16 (docker0), unless a firewall is in the way (not looked)',
      ],
      ['192.168.7.7', 'nobody now: no interface has its address any more'],
    ] as const)
      assert.equal((await told('80', { sockets: [[address, 80]], interfaces })).reach, reach);
    const two = await told('80', {
      sockets: [
        ['192.168.1.5', 80],
        ['172.17.0.1', 80],
      ],
      interfaces,
    });
    assert.match(
      two.reach ?? '',
      /^the hosts of docker0's network 172\.17\.0\.0\/16 and of wlan0's network 192\.168\.1\.0\/24, unless/,
    );
    const offline = await told('80', { sockets: [['0.0.0.0', 80]], interfaces: [LOOPBACK] });
    assert.equal(
      offline.reach,
      'only this machine now, since it is in no network; every host of each network that it joins',
    );
  });

  it('of an address alone', async () => {
    assert.equal((await told('127.0.0.1')).reach, 'only this machine');
    assert.equal((await told('127.0.0.1', { sockets: [['0.0.0.0', 80]] })).reach, 'only this machine');
    assert.match(
      (await told('192.168.1.5')).reach ?? '',
      /^the hosts of wlan0's network 192\.168\.1\.0\/24, unless/,
    );
    assert.match(
      (await told('2001:db8:1::5')).reach ?? '',
      /^the hosts of wlan0's network 2001:db8:1::\/64, unless/,
    );
    assert.equal((await told('10.0.0.1')).reach, null);
  });
});

describe('explain: on this machine', () => {
  it('a real listener is found by every spelling of its place', async (t) => {
    const port = await listening(t, '127.0.0.1');
    const tools = {
      platform: currentPlatform(),
      holdings: () => [],
      now: Date.now,
      homeDirectory: '/nowhere',
    };
    for (const place of [
      `127.0.0.1:${port}`,
      `127.1:${port}`,
      `[::ffff:7f00:1]:${port}`,
      `http://127.0.0.1:${port}/`,
      `${port}`,
    ]) {
      const { listeners, answer, reach } = await explain(tools, { subject: place });
      assert.deepEqual(
        listeners.map(({ address, owners }) => [address, ...owners.map(({ pid }) => pid)]),
        [['127.0.0.1', process.pid]],
        place,
      );
      assert.match(answer, new RegExp(`\\(pid ${process.pid}\\) listens`));
      assert.equal(reach, 'only this machine');
    }
    assert.deepEqual((await explain(tools, { subject: `127.0.0.2:${port}` })).listeners, []);
  });
});

async function listening(t: TestContext, host: string): Promise<number> {
  const server: Server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  t.after(() => server.close());
  return (server.address() as { port: number }).port;
}
