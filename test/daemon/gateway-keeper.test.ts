/** A gateway of its own for a keeper that waits for certificates: it starts meanwhile, and what was served last is never lost. */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { GatewayRoute, GatewaySnapshot } from '../../src/core/gateway.ts';
import { type GatewayPaths, gatewayPaths, type HomePaths } from '../../src/core/paths.ts';
import { GatewayKeeper } from '../../src/daemon/gateway-keeper.ts';
import { dist } from '../support/paths.ts';
import { until } from '../support/until.ts';

const ROUTE: GatewayRoute = {
  id: 'shop/web',
  names: ['web.shop.localhost'],
  wildcard: false,
  path: '/',
  target: null,
  state: 'starting',
  words: 'web is starting',
  log: null,
};

test('the gateway starts while certificates are made, by a snapshot that tells who has which name', async (t) => {
  const { keeper, paths } = stage(t);
  keeper.changed();
  await until(() => keeper.status !== null);
  const { routes } = JSON.parse(readFileSync(paths.snapshot, 'utf8')) as GatewaySnapshot;
  assert.deepEqual(routes, [ROUTE]);
  const pid = keeper.pid ?? 0;
  await keeper.end();
  await until(() => !isAlive(pid));
});

test('what waits when a keeper ends starts no gateway any more', async (t) => {
  const { keeper, described } = stage(t);
  keeper.changed();
  const settling = keeper.settled();
  keeper.close();
  await settling;
  assert.deepEqual([described(), keeper.pid], [0, null]);
});

interface Scene {
  readonly keeper: GatewayKeeper;
  readonly paths: GatewayPaths;
  /** How often routes were asked for. */
  described(): number;
}

function stage(t: TestContext): Scene {
  const home = mkdtempSync(join(tmpdir(), 'keeper-'));
  t.after(() => rmSync(home, { recursive: true }));
  const paths = gatewayPaths({ home, runtime: home } as HomePaths);
  mkdirSync(paths.directory, { recursive: true, mode: 0o700 });
  writeFileSync(paths.secret, `keeper-test-${home}`);
  let described = 0;
  const keeper = new GatewayKeeper({
    paths,
    program: join(dist, 'gateway.js'),
    build: '',
    routes: () => {
      described += 1;
      return [ROUTE];
    },
    links: () => ({ links: [], wanted: false }),
    // Made for ever.
    certificateFor: () => new Promise(() => undefined),
    renamed: () => undefined,
    shown: () => null,
    told: () => undefined,
    failed: (reason) => assert.fail(reason),
    report: (error) => assert.fail(String(error)),
  });
  return { keeper, paths, described: () => described };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    // Gone.
    return false;
  }
}
