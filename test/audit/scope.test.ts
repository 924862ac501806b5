/** Which listeners an audit looks at, how rows become targets, and where each is dialled. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListenerDocument, OwnerDocument } from '../../src/core/inspection.ts';
import { type Scope, scopeOf } from '../../src/daemon/audit/scope.ts';
import { endpoint, fakeWorkbench, service, status } from '../support/fake-workbench.ts';
import { listenerOf } from './support/examine.ts';

const LAN = { name: 'eth0', kind: 'lan', addresses: ['192.0.2.7', '2001:db8::7'] } as const;
const SHOP = status(
  service('api', {
    endpoints: [endpoint('127.64.3.1', 3000), endpoint('127.64.3.1', 9100, { name: 'metrics' })],
  }),
  service('db', { endpoints: [endpoint('127.64.3.2', 5432, { name: 'postgres', protocol: 'postgres' })] }),
);

function at(
  address: string,
  port: number,
  change: Partial<ListenerDocument> = {},
  pid = port,
): ListenerDocument {
  const owner: OwnerDocument = {
    pid,
    user: 'ada',
    name: 'node',
    command: ['node', 'server.js'],
    cwd: null,
    started: null,
    parents: [],
    origin: '',
    stale: false,
  };
  return listenerOf(address, port, { owners: [owner], ownerVisible: true, ...change });
}

function ours(address: string, port: number, name: string, endpointName: string | null): ListenerDocument {
  const { environment, project } = SHOP;
  return at(address, port, {
    user: 'postgres',
    service: { environment, project, name, endpoint: endpointName },
  });
}

interface Given {
  readonly words?: readonly string[];
  readonly allUsers?: boolean;
  readonly inShop?: boolean;
  readonly directory?: string;
}

async function scope(
  listeners: readonly ListenerDocument[],
  { words = [], allUsers = false, inShop = false, directory = '/' }: Given = {},
): Promise<Scope> {
  return await scopeOf(
    { target: { directory }, words, allUsers },
    {
      workbench: inShop ? fakeWorkbench({ ps: async () => SHOP }) : null,
      listeners: async () => listeners,
      interfaces: () => [LAN],
      user: 'ada',
      resolve: async () => ['127.0.0.1'],
    },
  );
}

function told({ targets }: Scope): readonly string[] {
  return targets.map(({ name, address, authority }) => `${name} at ${address} as ${authority}`);
}

test('outside of a project: one’s own, each server once, clients’ sockets not', async () => {
  const found = await scope([
    at('127.0.0.1', 3000),
    at('::1', 3000),
    at('0.0.0.0', 4000),
    at('127.64.9.1', 5000),
    at('127.0.0.1', 22, { user: 'root' }),
    at('0.0.0.0', 1900, { protocol: 'udp' }),
    at('0.0.0.0', 50_123, { protocol: 'udp' }),
    at('127.0.0.1', 1901, { protocol: 'udp' }),
  ]);
  assert.deepEqual(told(found), [
    'node:3000 at 127.0.0.1 as localhost:3000',
    'node:4000 at 127.0.0.1 as localhost:4000',
    'node:5000 at 127.64.9.1 as 127.64.9.1:5000',
    'node:1900 at 127.0.0.1 as localhost:1900',
  ]);
  assert.equal(found.wholeMachine, true);
  assert.match(JSON.stringify(found.left), /1 listeners of theirs/);
  assert.deepEqual(
    found.targets.map(({ reachableAt }) => reachableAt),
    [[], ['192.0.2.7'], [], ['192.0.2.7']],
  );
});

test('in a project: its services, whoever they run as, and nothing else', async () => {
  const listeners = [
    ours('127.64.3.1', 3000, 'api', 'http'),
    ours('127.64.3.1', 9100, 'api', 'metrics'),
    ours('127.64.3.1', 9229, 'api', null),
    ours('127.64.3.2', 5432, 'db', 'postgres'),
    // The link api:db: the same database once more.
    at('127.64.3.9', 5432, {
      gateway: { link: 'api:db', environment: SHOP.environment, service: 'db', caller: 'api' },
    }),
    at('127.0.0.1', 3000),
  ];
  const found = await scope(listeners, { inShop: true });
  assert.deepEqual(
    found.targets.map(({ name }) => name),
    ['api', 'api/metrics', 'api:9229', 'db'],
  );
  assert.deepEqual([found.wholeMachine, found.project?.name], [false, 'shop']);
  const names = async (...words: readonly string[]): Promise<readonly string[]> =>
    (await scope(listeners, { inShop: true, words })).targets.map(({ name }) => name);
  assert.deepEqual(await names('api/metrics', 'db'), ['api/metrics', 'db']);
  assert.deepEqual(await names('3000'), ['api', 'node:3000']);
  assert.deepEqual(await names('5432'), ['db']);
  assert.deepEqual(await names('127.0.0.1:3000'), ['node:3000']);
});

test('listeners of others are left alone, and told when they were named', async () => {
  const listeners = [at('127.0.0.1', 3000), at('127.0.0.1', 22, { user: 'root' })];
  const found = await scope(listeners, { words: ['3000', '22'] });
  assert.deepEqual(told(found), ['node:3000 at 127.0.0.1 as localhost:3000']);
  assert.deepEqual(found.left, [
    { target: 'node:22', reason: 'it belongs to the user root: --all-users looks at it too' },
  ]);
  await assert.rejects(scope(listeners, { words: ['22'] }), /belongs to the user root/);
  assert.equal((await scope(listeners, { words: ['22'], allUsers: true })).targets.length, 1);
});

test('a server that is named is asked by that name, and by its address only where that was named too', async () => {
  const listeners = [at('127.0.0.1', 8443), at('127.0.0.1', 443)];
  const words = ['https://web.shop.localhost:8443/', 'https://api.shop.localhost', '127.0.0.1:8443'];
  const found = await scope(listeners, { words });
  assert.deepEqual(told(found), [
    'node:8443 at 127.0.0.1 as localhost:8443',
    'web.shop.localhost at 127.0.0.1 as web.shop.localhost:8443',
    'api.shop.localhost at 127.0.0.1 as api.shop.localhost',
  ]);
  assert.deepEqual(
    found.targets.map(({ serverName }) => serverName),
    [null, 'web.shop.localhost', 'api.shop.localhost'],
  );
  assert.deepEqual(told(await scope(listeners, { words: ['localhost:443'] })), [
    'node:443 at 127.0.0.1 as localhost:443',
  ]);
});

test('where others stand before a wildcard, an address that nobody has is dialled; what only networks reach is not', async () => {
  const found = await scope(
    [
      at('0.0.0.0', 3000, {}, 1),
      at('127.0.0.1', 3000, {}, 2),
      at('127.0.0.2', 3000, {}, 3),
      at('192.0.2.7', 3000, { scope: 'interface' }, 4),
      at('::', 4000, {}, 5),
      at('::ffff:127.0.0.1', 5000, {}, 6),
    ],
    { words: ['3000', '4000', '5000'] },
  );
  assert.deepEqual(
    found.targets.map(({ address }) => address),
    ['127.0.0.3', '127.0.0.1', '127.0.0.2', null, '::1', '127.0.0.1'],
  );
  assert.equal(new Set(found.targets.map(({ name }) => name)).size, 6, 'each has a name of its own');
  assert.deepEqual(found.targets[3]?.reachableAt, ['192.0.2.7']);
});

test('lines, recipes, readiness and declared requests come from the config; a config that cannot be read costs only those', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'scope-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  const config = join(directory, 'loopyard.yaml');
  const looking = async (): Promise<Scope> =>
    await scopeOf(
      { target: { directory }, words: [], allUsers: false },
      {
        workbench: fakeWorkbench({ ps: async () => ({ ...SHOP, config }) }),
        listeners: async () => [
          ours('127.64.3.1', 3000, 'api', 'http'),
          ours('127.64.3.2', 5432, 'db', 'postgres'),
          ours('127.64.3.1', 9100, 'api', 'metrics'),
        ],
        interfaces: () => [],
        user: 'ada',
        resolve: async () => [],
      },
    );
  writeFileSync(
    config,
    'name: shop\nservices:\n  api:\n    run: x\n    ready: { http: /healthz }\n    audit: { csrf: [POST /orders?x=1, GET /no] }\n  db: { use: postgres }\n',
  );
  const [api, db, metrics] = (await looking()).targets;
  assert.deepEqual(
    [api?.place, api?.paths, api?.service?.recipe],
    [{ file: 'loopyard.yaml', line: 3, column: 3 }, ['/', '/healthz'], null],
  );
  assert.deepEqual([db?.place?.line, db?.paths, db?.service?.recipe], [7, ['/'], 'postgres']);
  // A text that `lo up` refuses may still be there: what cannot be declared is not sent.
  assert.deepEqual([api?.csrfPaths, db?.csrfPaths, metrics?.csrfPaths], [['/orders?x=1'], [], []]);
  writeFileSync(config, 'services: [');
  assert.deepEqual(
    (await looking()).targets.map(({ place }) => place),
    [null, null, null],
  );
  rmSync(config);
  assert.equal((await looking()).targets.length, 3);
});
