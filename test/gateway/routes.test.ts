/** Which names lead where, and which route a request takes: pure decisions. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GatewayRoute } from '../../src/core/gateway.ts';
import type { NameRule } from '../../src/core/model.ts';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import { type Names, namesOf } from '../../src/daemon/gateway-routes.ts';
import { RouteTable } from '../../src/gateway/routes.ts';

const NONE = new Map<string, string>();

test('a path on another’s name, and all names one label below: the longest path and the exact name win', () => {
  const { routes } = names([environment('shop', 'web', 'api')], {
    web: [{ kind: 'below' }],
    api: [
      { kind: 'path', service: 'web', path: '/api' },
      { kind: 'path', service: 'web', path: '/api/v2' },
    ],
  });
  const table = new RouteTable(routes);
  const at = (host: string, target: string): string | null => table.find(host, target)?.id ?? null;
  for (const host of [
    'web.shop.localhost',
    'shop.localhost',
    'acme.web.shop.localhost',
    'acme.shop.localhost',
  ]) {
    assert.equal(at(host, '/'), 'shop-id/web', host);
    assert.equal(at(host, '/apis'), 'shop-id/web');
    assert.equal(at(host, '/API'), 'shop-id/web');
    assert.equal(at(host, '/api'), 'shop-id/api@web/api');
    assert.equal(at(host, '/api?x=/'), 'shop-id/api@web/api');
    assert.equal(at(host, '/api/v1'), 'shop-id/api@web/api');
    assert.equal(at(host, '/api/v2/x'), 'shop-id/api@web/api/v2');
  }
  assert.equal(at('api.shop.localhost', '/'), 'shop-id/api');
  for (const host of [
    'a.b.web.shop.localhost',
    'x.api.shop.localhost',
    'localhost',
    'other.localhost',
    'xshop.localhost',
    '',
  ])
    assert.equal(table.has(host), false, host);
});

test('names below one environment’s never cover what another has', () => {
  const { routes } = names([environment('shop', 'web'), environment('feature.shop', 'web')], {
    web: [{ kind: 'below' }],
  });
  const table = new RouteTable(routes);
  assert.equal(table.find('feature.shop.localhost', '/')?.id, 'feature.shop-id/web');
  assert.equal(table.find('web.feature.shop.localhost', '/')?.id, 'feature.shop-id/web');
  assert.equal(table.find('other.shop.localhost', '/')?.id, 'shop-id/web');
});

test('of two that want a name the first holder keeps it, and the other is told who has it', () => {
  const worktree = environment('feature.shop', 'web');
  const main = environment('shop', 'feature');
  const clash = 'feature.shop.localhost';
  const fresh = names([worktree, main]);
  assert.equal(holder(fresh, clash), 'shop-id/feature', 'a service’s own name comes before a project’s');
  assert.deepEqual(
    fresh.lost.map(({ id, name }) => [id, name]),
    [['feature.shop-id/web', clash]],
  );
  assert.match(fresh.lost[0]?.holder ?? '', /^service feature of shop in \/p\/shop$/);
  const kept = names([worktree, main], {}, new Map([[clash, 'feature.shop-id/web']]));
  assert.equal(holder(kept, clash), 'feature.shop-id/web');
  assert.deepEqual(
    kept.lost.map(({ id, name }) => [id, name]),
    [['shop-id/feature', clash]],
  );
  const free = names([main], {}, new Map([[clash, 'feature.shop-id/web']]));
  assert.equal(holder(free, clash), 'shop-id/feature', 'who wants it no more has it no more');
});

test('an alias keeps a name that it had before the service', () => {
  const alias = { name: 'web.shop.localhost', address: '127.0.0.1', port: 3000 };
  const wishes = {
    environments: [environment('shop', 'web')],
    aliases: [alias],
    rulesOf: () => [],
    speaksHttp,
  };
  assert.equal(holder(namesOf({ ...wishes, held: NONE }), alias.name), 'shop-id/web');
  const held = new Map([[alias.name, `alias/${alias.name}`]]);
  const { routes, lost } = namesOf({ ...wishes, held });
  assert.equal(holder({ routes, lost }, alias.name), `alias/${alias.name}`);
  assert.equal(holder({ routes, lost }, 'shop.localhost'), 'shop-id/web');
  assert.deepEqual(
    lost.map(({ id, holder }) => [id, holder]),
    [['shop-id/web', 'an alias']],
  );
});

const speaksHttp = (): boolean => true;

function holder({ routes }: Names, name: string): string | undefined {
  const having = routes.filter((route: GatewayRoute) => route.path === '/' && route.names.includes(name));
  assert.ok(having.length < 2, `${name} has two holders`);
  return having[0]?.id;
}

function names(
  environments: readonly EnvironmentStatus[],
  rules: Readonly<Record<string, readonly NameRule[]>> = {},
  held: ReadonlyMap<string, string> = NONE,
): Names {
  return namesOf({
    environments,
    aliases: [],
    rulesOf: (_, service) => rules[service] ?? [],
    speaksHttp,
    held,
  });
}

/** What routes are made of, and nothing else. */
function environment(name: string, ...services: readonly string[]): EnvironmentStatus {
  return {
    environment: { id: `${name}-id`, name, path: `/p/${name}` },
    project: name.split('.').at(-1),
    services: services.map((service) => ({
      ...{ name: service, state: 'ready', reason: null, log: '/dev/null' },
      endpoints: [{ protocol: 'http', address: '127.64.0.1', port: 3000 }],
    })),
  } as unknown as EnvironmentStatus;
}
