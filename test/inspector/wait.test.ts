/** `lo wait` in this process, with real sockets on loopback: each situation is made after the first look was in vain. */

import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { describe, it } from 'node:test';
import { LoopyardError } from '../../src/core/errors.ts';
import type { Holding, WaitReport } from '../../src/core/inspection.ts';
import type { Ip } from '../../src/core/ip.ts';
import { listensAt } from '../../src/inspector/wait/attempt.ts';
import { parseWaitTarget, placesOf } from '../../src/inspector/wait/target.ts';
import { currentPlatform } from '../../src/platform/current.ts';
import type { SocketFacts } from '../../src/platform/facts.ts';
import { fakePlatform } from '../support/fake-platform.ts';
import { close, freePort, listen, OWN, portOf, waited } from './wait-rig.ts';

describe('wait until open', () => {
  it('a port, once somebody listens', async (t) => {
    const port = await freePort(t);
    const report = await waited(`${OWN}:${port}`, 'open', (why) => {
      assert.equal(why, `${OWN}:${port}: nothing listens`);
      return listen(t, OWN, port);
    });
    assert.deepEqual([report.met, report.address, report.lastError], [true, OWN, null]);
    assert.equal(report.target, `${OWN}:${port}`);
  });

  it('at once where somebody listens already, also when there is no time', async (t) => {
    const port = portOf(await listen(t, '127.0.0.1', 0));
    for (const target of [
      `127.0.0.1:${port}`,
      `127.1:${port}`,
      `[::ffff:127.0.0.1]:${port}`,
      `0.0.0.0:${port}`,
      `*:${port}`,
    ]) {
      const report = await waited(target, 'open', () => assert.fail('not at once'), { timeoutMs: 0 });
      assert.deepEqual([report.met, report.address], [true, '127.0.0.1'], target);
    }
  });

  it('not by a listener at another address', async (t) => {
    const port = portOf(await listen(t, '127.0.0.2', 0));
    const report = await waited(`127.0.0.1:${port}`, 'open', () => undefined, { timeoutMs: 0 });
    assert.equal(report.met, false);
    assert.equal(report.lastError, `127.0.0.1:${port}: nothing listens; it is open on 127.0.0.2:${port}`);
  });

  it('a listener of the other family is told of', async (t) => {
    const port = portOf(await listen(t, '::1', 0));
    const one = await waited(`127.0.0.1:${port}`, 'open', () => undefined, { timeoutMs: 0 });
    assert.equal(one.lastError, `127.0.0.1:${port}: nothing listens; it is open on [::1]:${port}`);
    const either = await waited(`${port}`, 'open', () => undefined, { timeoutMs: 0 });
    assert.deepEqual([either.met, either.address], [true, '::1']);
  });

  it('nobody is called up by it: the table of sockets is read', async (t) => {
    let calls = 0;
    const server = createServer((socket) => {
      calls += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const report = await waited(`127.0.0.1:${portOf(server)}`, 'open', () => undefined);
    assert.equal(report.met, true);
    // Whoever was called before this one has been counted by now.
    const probe = connect(portOf(server), '127.0.0.1');
    await new Promise((resolve) => probe.once('close', resolve));
    assert.equal(calls, 1);
  });

  it('by knocking where sockets cannot be read', async (t) => {
    const port = await freePort(t);
    const blind = fakePlatform({
      sockets: () => ({ sockets: [], gaps: [{ what: '/proc/net/tcp', why: 'EACCES' }] }),
      portRanges: () => ({ ephemeral: [32_768, 60_999], reserved: [], unprivilegedFrom: 1024 }),
    });
    const report = await waited(
      `${OWN}:${port}`,
      'open',
      (why) => {
        assert.match(why, /the connection is refused/);
        return listen(t, OWN, port);
      },
      { tools: { platform: blind } },
    );
    assert.deepEqual([report.met, report.address], [true, OWN]);
  });

  it('a URL, once it answers well', async (t) => {
    let status = 503;
    const paths: string[] = [];
    const server = await listen(t, '127.0.0.1', 0, (request, response) => {
      paths.push(`${request.headers.host} ${request.url}`);
      response.writeHead(status, { location: '/' }).end();
    });
    const url = `http://127.0.0.1:${portOf(server)}/healthz?deep=1`;
    const late = await waited(url, 'open', () => undefined, { timeoutMs: 0 });
    assert.equal(late.met, false);
    assert.match(late.lastError ?? '', /it answers with status 503$/);
    const report = await waited(url, 'open', () => {
      status = 302;
    });
    assert.equal(report.met, true);
    assert.ok(
      paths.every((path) => path === `127.0.0.1:${portOf(server)} /healthz?deep=1`),
      paths.join(),
    );
    assert.equal(report.target, `http://127.0.0.1:${portOf(server)}/healthz`);
  });

  it('a URL whose server accepts and says nothing is not open', async (t) => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    server.on('connection', (socket) => t.after(() => socket.destroy()));
    const report = await waited(`http://127.0.0.1:${portOf(server)}/`, 'open', () => undefined, {
      timeoutMs: 0,
    });
    assert.equal(report.met, false);
    assert.match(report.lastError ?? '', /no answer within 250ms/);
  });

  it('a name of a service of ours, where it leads nowhere else', async (t) => {
    const server = await listen(t, '127.0.0.9', 0);
    const holding: Holding = {
      environment: { id: 'shop-1', path: '/nowhere/shop', name: 'shop' },
      project: 'shop',
      service: 'web',
      state: 'ready',
      pid: process.pid,
      endpoints: [{ name: 'http', address: '127.0.0.9', port: portOf(server) }],
    };
    const report = await waited(`web:${portOf(server)}`, 'open', () => undefined, {
      timeoutMs: 0,
      tools: { holdings: () => [holding] },
    });
    assert.deepEqual([report.met, report.address], [true, '127.0.0.9']);
  });
});

describe('wait until free', () => {
  it('a port, once nobody listens', async (t) => {
    const server = await listen(t, '127.0.0.1', 0);
    const port = portOf(server);
    const report = await waited(String(port), 'free', (why) => {
      assert.equal(why, `somebody listens on 127.0.0.1:${port}`);
      return close(server);
    });
    assert.deepEqual([report.met, report.address, report.wanted], [true, '127.0.0.1', 'free']);
  });

  it('whoever is in the way is named when time is up', async (t) => {
    const port = portOf(await listen(t, '::1', 0));
    const report = await waited(String(port), 'free', () => undefined, { timeoutMs: 0 });
    assert.equal(report.met, false);
    assert.match(
      report.lastError ?? '',
      new RegExp(`\\(pid ${process.pid}\\) listens on \\[::1\\]:${port}$`),
    );
  });

  it('a port of one address does not wait for another', async (t) => {
    const port = portOf(await listen(t, '127.0.0.2', 0));
    const one = await waited(`127.0.0.1:${port}`, 'free', () => undefined, { timeoutMs: 0 });
    assert.equal(one.met, true);
    const other = await waited(`127.0.0.2:${port}`, 'free', () => undefined, { timeoutMs: 0 });
    assert.equal(other.met, false);
    const every = await waited(`0.0.0.0:${port}`, 'free', () => undefined, { timeoutMs: 0 });
    assert.equal(every.met, false);
  });

  it('a port that is held by an outgoing connection is not free, although nobody listens', async (t) => {
    const server = await listen(t, '127.0.0.1', 0);
    const held = createServer((socket) => t.after(() => socket.destroy()));
    await new Promise<void>((resolve) => held.listen(0, '127.0.0.1', resolve));
    const client = connect({ port: portOf(held), host: '127.0.0.1' });
    await new Promise((resolve) => client.once('connect', resolve));
    t.after(() => client.destroy());
    held.close();
    await close(server);
    const port = client.localPort ?? 0;
    const report = await waited(`127.0.0.1:${port}`, 'free', () => undefined, { timeoutMs: 0 });
    assert.equal(report.met, false);
    assert.equal(
      report.lastError,
      `127.0.0.1:${port}: it cannot be had (EADDRINUSE); \`lo why ${port}\` tells why`,
    );
  });
});

describe('wait: what is waited for', () => {
  it('a place without a port is none', () => {
    for (const [target, fix] of [
      ['localhost', /`lo wait localhost:3000`/],
      ['::1', /`lo wait \[::1\]:3000`/],
      ['foo://localhost', /./],
    ] as const)
      assert.throws(
        () => parseWaitTarget(target),
        (error) =>
          error instanceof LoopyardError &&
          error.code === 'SUBJECT_INVALID' &&
          fix.test(error.hint) &&
          error.exit === 2,
      );
  });

  it('wildcards: dialled as loopback, freed as a whole', async () => {
    const platform = currentPlatform();
    const places = async (target: string, wanted: WaitReport['wanted']): Promise<string> => {
      const found = await placesOf(parseWaitTarget(target), wanted, { platform, holdings: () => [] });
      return found.map(({ address }) => address).join(' ');
    };
    for (const [target, open, free] of [
      ['3000', '127.0.0.1 ::1', '127.0.0.1 ::1'],
      ['0.0.0.0:3000', '127.0.0.1', '0.0.0.0'],
      ['[::]:3000', '127.0.0.1 ::1', '0.0.0.0 ::'],
      ['*:3000', '127.0.0.1 ::1', '0.0.0.0 ::'],
      ['[::ffff:127.0.0.2]:3000', '127.0.0.2', '127.0.0.2'],
    ] as const) {
      assert.equal(await places(target, 'open'), open, target);
      assert.equal(await places(target, 'free'), free, target);
    }
  });

  it('which listeners answer where', () => {
    const at = (listener: string, address: string): string => {
      const socket: SocketFacts = {
        protocol: 'tcp',
        family: listener.includes(':') ? 6 : 4,
        state: 'listen',
        local: { address: listener, port: 80 },
        remote: null,
        uid: 0,
        inode: 1,
      };
      const [ip] = ipsOf(address);
      assert.ok(ip !== undefined);
      return listensAt({ sockets: [socket], gaps: [] }, { ip, address }, 80);
    };
    for (const [listener, address, answer] of [
      ['127.0.0.1', '127.0.0.1', 'yes'],
      ['127.0.0.1', '127.0.0.2', 'no'],
      ['0.0.0.0', '127.0.0.2', 'yes'],
      ['0.0.0.0', '::1', 'no'],
      ['::', '::1', 'yes'],
      ['::', '127.0.0.1', 'maybe'],
      ['::ffff:127.0.0.1', '127.0.0.1', 'yes'],
      ['::1', '127.0.0.1', 'no'],
      ['127.0.0.1', '0.0.0.0', 'yes'],
      ['::1', '0.0.0.0', 'no'],
    ] as const)
      assert.equal(at(listener, address), answer, `${listener} at ${address}`);
  });
});

function ipsOf(address: string): readonly Ip[] {
  const { host } = parseWaitTarget(`${address.includes(':') ? `[${address}]` : address}:80`);
  return host?.kind === 'addresses' ? host.addresses : [];
}
