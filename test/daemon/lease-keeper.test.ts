/** Leases over several daemons: processes that lease at the same time never get the same block or port. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { addressOf, type EnvironmentLease, NO_LEASE } from '../../src/core/leases.ts';
import { LeaseKeeper } from '../../src/daemon/lease-keeper.ts';
import { linuxPlatform } from '../../src/platform/linux/platform.ts';

const DAEMONS = 4;
const EACH = 250;

/** The same checkouts in every daemon, and one identity for all: the worst case, since all try the same blocks in the same order. */
async function leaseMany(prefix: string): Promise<readonly EnvironmentLease[]> {
  const keeper = new LeaseKeeper(linuxPlatform());
  const environments = Array.from({ length: EACH }, (_, index) => `shop-${index}`);
  return await Promise.all(
    environments.map(async (environment) => {
      const identity = { text: environment, environment: `${prefix}-${environment}` };
      const lease = await keeper.cover(identity, NO_LEASE, ['db', 'api'], false);
      return await keeper.leasePort(identity, lease, 'api/http');
    }),
  );
}

if (process.env.LEASE_CHILD === undefined) {
  test(`${DAEMONS * EACH} parallel leases over ${DAEMONS} daemons: no collision`, {
    timeout: 120_000,
  }, async () => {
    const children = Array.from({ length: DAEMONS }, (_, index) =>
      spawn(process.execPath, [process.argv[1] ?? ''], {
        env: { ...process.env, LEASE_CHILD: String(index), NODE_TEST_CONTEXT: '' },
        stdio: ['pipe', 'pipe', 'inherit'],
      }),
    );
    const answers = await Promise.all(
      children.map(async (child) => {
        let text = '';
        for await (const chunk of child.stdout.setEncoding('utf8')) {
          text += chunk;
          // Whole once it is a line; the child keeps its claims until all have answered.
          if (text.endsWith('\n')) break;
        }
        return JSON.parse(text) as EnvironmentLease[];
      }),
    );
    for (const child of children) child.stdin.end();
    await Promise.all(children.map((child) => once(child, 'exit')));
    const leases = answers.flat();
    assert.equal(leases.length, DAEMONS * EACH);
    assert.equal(new Set(leases.map((lease) => lease.blocks[0])).size, DAEMONS * EACH);
    assert.equal(new Set(leases.map((lease) => addressOf(lease, 'db'))).size, DAEMONS * EACH);
    assert.equal(new Set(leases.map((lease) => lease.ports['api/http'])).size, DAEMONS * EACH);
  });

  test('a lease is kept when it is asked for again, and given up by release', async () => {
    const keeper = new LeaseKeeper(linuxPlatform());
    const identity = { text: `again ${process.pid}`, environment: 'again' };
    const first = await keeper.cover(identity, NO_LEASE, ['db'], false);
    assert.deepEqual(await keeper.cover(identity, first, ['db'], false), first);
    const other = new LeaseKeeper(linuxPlatform());
    const elsewhere = await other.cover(identity, NO_LEASE, ['db'], false);
    assert.notEqual(elsewhere.blocks[0], first.blocks[0]);
    keeper.release('again');
    assert.deepEqual(
      (await other.cover({ ...identity, environment: 'third' }, NO_LEASE, ['db'], false)).blocks,
      first.blocks,
    );
    other.release('again');
    other.release('third');
  });

  test('a block where somebody listens is not taken, even when nobody claims it', async (t) => {
    const identity = { text: `listened ${process.pid}`, environment: 'listened' };
    const probe = new LeaseKeeper(linuxPlatform());
    const lease = await probe.cover(identity, NO_LEASE, ['db'], false);
    probe.release('listened');
    const server = createServer();
    server.listen(0, addressOf(lease, 'db'));
    await once(server, 'listening');
    t.after(() => server.close());
    const keeper = new LeaseKeeper(linuxPlatform());
    const next = await keeper.cover(identity, NO_LEASE, ['db'], false);
    assert.notEqual(next.blocks[0], lease.blocks[0]);
    keeper.release('listened');
  });
} else {
  // The claims are sockets that do not keep a process alive: the open standard input does, until the parent has all answers.
  process.stdin.resume();
  process.stdout.write(`${JSON.stringify(await leaseMany(process.env.LEASE_CHILD))}\n`);
  await once(process.stdin, 'end');
}
