/** `lo explain` of what is ours, of names, and of the traps that it tells of. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holding, LOOPBACK, type Scene, told } from './explain-scene.ts';

describe('explain: services of ours', () => {
  it('an address of ours names its service, running or not', async () => {
    const stopped = { holdings: [holding('web', 'stopped', '127.64.3.2', 3000)] };
    const idle = await told('127.64.3.2', stopped);
    assert.equal(
      idle.answer,
      '127.64.3.2 is the address of the service web of shop, on this machine itself.',
    );
    assert.deepEqual(idle.services, [
      {
        service: {
          environment: { id: 'shop-1', path: '/home/ann/shop', name: 'shop' },
          project: 'shop',
          name: 'web',
          endpoint: 'http',
        },
        state: 'stopped',
        address: '127.64.3.2',
        port: 3000,
      },
    ]);
    assert.doesNotMatch(idle.notes.join('\n'), /no service/);
    const place = await told('127.64.3.2:3000', stopped);
    assert.match(
      place.answer,
      /nothing listens there; the service web of shop has 127\.64\.3\.2:3000 and is stopped\.$/,
    );
    const other = await told('127.64.3.2:3001', stopped);
    assert.deepEqual(other.services, []);
  });

  it('its listener is named by the service', async () => {
    const scene: Scene = {
      sockets: [['127.64.3.2', 3000]],
      holdings: [holding('web', 'ready', '127.64.3.2', 3000)],
    };
    const report = await told('127.64.3.2:3000', scene);
    assert.equal(
      report.answer,
      '127.64.3.2:3000 is where the service web of shop listens, reachable from this machine only.',
    );
  });

  it('a name of ours leads to it, where it leads nowhere else', async () => {
    const scene: Scene = {
      sockets: [['127.64.3.2', 3000]],
      holdings: [holding('web', 'ready', '127.64.3.2', 3000), holding('db', 'ready', '127.64.3.3', 5432)],
    };
    const short = await told('web', scene);
    assert.equal(short.answer, 'web is the service web of shop, at 127.64.3.2.');
    assert.equal(short.listeners.length, 1);
    const long = await told('web.shop.localhost', scene);
    assert.equal(long.answer, 'web.shop.localhost is this machine itself: 127.0.0.1, then ::1.');
    assert.deepEqual(
      long.services.map(({ address }) => address),
      ['127.64.3.2'],
    );
  });

  it('a service without a port is one all the same', async () => {
    const worker = { ...holding('worker', 'running', '', 0), endpoints: [] };
    const { answer, services } = await told('worker', { holdings: [worker] });
    assert.equal(answer, 'worker is the service worker of shop, which has no port.');
    assert.deepEqual(services, []);
  });

  it('an address of our range that nobody holds is said to be one', async () => {
    const { notes, services } = await told('127.100.0.1', {
      holdings: [holding('web', 'ready', '127.64.3.2', 3000)],
    });
    assert.deepEqual(services, []);
    assert.match(
      notes.join('\n'),
      /Loopyard gives services addresses out of 127\.64\.0\.0\/10; no service that is known/,
    );
    assert.doesNotMatch((await told('127.63.0.1')).notes.join('\n'), /Loopyard/);
  });
});

describe('explain: names and traps', () => {
  it('names of the hosts file that lead there', async () => {
    const hosts = ['127.0.0.1 localhost box', '::1 localhost', '10.0.0.7 build', '127.0.0.1 box other'];
    const { names } = await told('127.0.0.1', { hosts });
    assert.deepEqual(names, [
      { name: 'localhost', source: '/etc/hosts, line 1' },
      { name: 'box', source: '/etc/hosts, line 1' },
      { name: 'other', source: '/etc/hosts, line 4' },
    ]);
    assert.deepEqual((await told('::ffff:127.0.0.1', { hosts })).names.length, 3);
    assert.deepEqual(
      (await told('localhost', { hosts })).names.map(({ name }) => name),
      ['box', 'other'],
    );
  });

  it('a port that answers over one family alone', async () => {
    const { notes } = await told('localhost:80', { sockets: [['::1', 80]] });
    assert.match(
      notes.join('\n'),
      /nothing listens there over IPv4: a client that tries only IPv4 is refused/,
    );
    const both = await told('localhost:80', {
      sockets: [
        ['::1', 80],
        ['127.0.0.1', 80],
      ],
    });
    assert.doesNotMatch(both.notes.join('\n'), /is refused/);
  });

  it('no IPv6', async () => {
    const scene: Scene = { missing: ['::1'], interfaces: [{ ...LOOPBACK, addresses: ['127.0.0.1'] }] };
    const { addresses, notes, answer } = await told('[::1]:80', scene);
    assert.equal(addresses[0]?.local, false);
    assert.match(notes.join('\n'), /::1 cannot be used on this machine/);
    assert.match(answer, /nobody can listen there/);
  });

  it('a port that browsers refuse', async () => {
    assert.match((await told('6000')).notes.join('\n'), /ERR_UNSAFE_PORT/);
    assert.doesNotMatch((await told('6001')).notes.join('\n'), /ERR_UNSAFE_PORT/);
  });

  it('the password of a URL is in no part of the report', async () => {
    const report = await told('postgres://app:s3cret@127.0.0.1:5432/app?x=s3cret');
    assert.doesNotMatch(JSON.stringify(report), /s3cret/);
    assert.equal(report.port?.port, 5432);
  });
});
