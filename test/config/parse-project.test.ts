/** A right config becomes a project with every default filled in. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDiagnostic } from '../../src/config/diagnostic.ts';
import { parseProject } from '../../src/config/parse-project.ts';
import {
  DEFAULT_RESTART,
  NO_RESTART,
  type Project,
  type Service,
  type Template,
  text,
} from '../../src/core/model.ts';
import { RECIPES } from '../../src/recipes/all.ts';
import { CATALOG } from './catalog.ts';

function parse(yaml: string, recipes = CATALOG): Project {
  const { project, diagnostics } = parseProject(yaml, { file: '/p/loopyard.yaml', root: '/p', recipes });
  assert.deepEqual(
    diagnostics.flatMap((diagnostic) => formatDiagnostic(diagnostic, yaml)),
    [],
  );
  assert.ok(project);
  return project;
}

function services(yaml: string): Readonly<Record<string, Service>> {
  const project = parse(`name: shop\nservices:\n${yaml}`);
  return Object.fromEntries(project.services.map((service) => [service.name, service]));
}

function service(yaml: string): Service {
  const [only] = parse(`name: shop\nservices:\n  web: ${yaml}\n`).services;
  assert.ok(only);
  return only;
}

function words(template: Template | undefined): string {
  return (template ?? [])
    .map((part) => {
      switch (part.kind) {
        case 'text':
          return part.text;
        case 'need':
          return `<${part.service}.${part.field}>`;
        case 'need-port':
          return `<${part.service}:${part.endpoint}>`;
        case 'env':
          return `<env ${part.name} ${part.fallback}>`;
        default:
          return part satisfies never;
      }
    })
    .join('');
}

test('the smallest service gets every default', () => {
  assert.deepEqual(parse('name: shop\nservices:\n  web: { run: node server.js }\n'), {
    name: 'shop',
    file: '/p/loopyard.yaml',
    root: '/p',
    services: [
      {
        name: 'web',
        command: { kind: 'exec', argv: [text('node'), text('server.js')] },
        cwd: '/p',
        endpoints: [],
        needs: [],
        env: {},
        envFiles: [],
        ready: null,
        restart: DEFAULT_RESTART,
        stop: {},
        task: false,
        bind: 'lease',
        data: null,
      },
    ],
  });
});

test('services keep the order of the file', () => {
  const { services: all } = parse('name: a\nservices: { z: { run: x }, a: { run: x }, m: { run: x } }');
  assert.deepEqual(
    all.map(({ name }) => name),
    ['z', 'a', 'm'],
  );
});

test('every long form', () => {
  const { api, migrate } = services(`
  db: { use: postgres }
  migrate: { run: npm run migrate, needs: [db], task: true }
  api:
    run: node server.js --db \${db.port}
    cwd: api/../packages/api
    port: { http: 3000, metrics: 9100 }
    needs: { db: { until: started, direct: true }, migrate: completed }
    env: { URL: "postgres://\${db.host}:\${db.ports.metrics}/\${env.NAME:-app}", V: 1.10, ON: True, BIG: 12345678901234567890, E: "" }
    env-file: [.env, /etc/shop.env]
    ready: { http: /healthz, endpoint: metrics, timeout: 1.5s }
    restart: { policy: always, backoff: 1s, max: 10 }
    stop: { signal: SIGINT, grace: 250ms }
    bind: as-is
    data: .data
`);
  assert.equal(api?.cwd, '/p/packages/api');
  assert.deepEqual(api?.endpoints, [
    { name: 'http', protocol: 'http', port: 3000 },
    { name: 'metrics', protocol: 'tcp', port: 9100 },
  ]);
  assert.deepEqual(api?.needs, [
    { service: 'db', until: 'started', direct: true },
    { service: 'migrate', until: 'completed', direct: false },
  ]);
  const env = Object.fromEntries(Object.entries(api?.env ?? {}).map(([name, value]) => [name, words(value)]));
  assert.deepEqual(env, {
    URL: 'postgres://<db.host>:<db:metrics>/<env NAME app>',
    V: '1.10',
    ON: 'True',
    BIG: '12345678901234567890',
    E: '',
  });
  assert.deepEqual(api?.envFiles, ['/p/.env', '/etc/shop.env']);
  assert.deepEqual(api?.ready, { kind: 'http', endpoint: 'metrics', path: '/healthz', timeoutMs: 1500 });
  assert.deepEqual(api?.restart, { policy: 'always', backoffMs: 1000, max: 10 });
  assert.deepEqual(api?.stop, { signal: 'SIGINT', graceMs: 250 });
  assert.equal(api?.bind, 'as-is');
  assert.equal(api?.data, '/p/.data');
  assert.deepEqual(migrate?.restart, NO_RESTART);
});

test('`until` is `completed` for tasks and `ready` for others, unless the file says it', () => {
  const { web } = services(`
  migrate: { run: x, task: true }
  db: { run: x }
  cache: { run: x }
  web: { run: x, needs: { migrate: {}, db: { direct: true }, cache: started } }
`);
  assert.deepEqual(
    web?.needs.map(({ until }) => until),
    ['completed', 'ready', 'started'],
  );
});

test('one port is the endpoint `http`; of a recipe it replaces the first', () => {
  assert.deepEqual(service('{ run: x, port: 8080 }').endpoints, [
    { name: 'http', protocol: 'http', port: 8080 },
  ]);
  assert.deepEqual(service('{ use: node, port: 8080 }').endpoints, [
    { name: 'http', protocol: 'http', port: 8080 },
  ]);
  assert.deepEqual(service('{ use: postgres, port: 6000 }').endpoints, [
    { name: 'postgres', protocol: 'postgres', port: 6000 },
    { name: 'metrics', protocol: 'http', port: 9187 },
  ]);
});

test('several ports: names say the protocol; a recipe keeps its own and takes more', () => {
  const protocols = service(
    '{ run: x, port: { web: 1, https: 2, redis: 3, postgres: 4, http: 5 } }',
  ).endpoints;
  assert.deepEqual(
    protocols.map(({ protocol }) => protocol),
    ['tcp', 'https', 'redis', 'postgres', 'http'],
  );
  assert.deepEqual(service('{ use: postgres, port: { debug: 1, metrics: 2 } }').endpoints, [
    { name: 'postgres', protocol: 'postgres', port: 5432 },
    { name: 'metrics', protocol: 'http', port: 2 },
    { name: 'debug', protocol: 'tcp', port: 1 },
  ]);
});

test('how a service shows that it is ready', () => {
  const timeoutMs = 60_000;
  const cases: readonly (readonly [yaml: string, expected: unknown])[] = [
    ['{ run: x, port: 1 }', null],
    ['{ use: postgres }', null],
    ['{ run: x, port: 1, ready: tcp }', { kind: 'tcp', endpoint: 'http', timeoutMs }],
    ['{ run: x, port: 1, ready: { tcp: true } }', { kind: 'tcp', endpoint: 'http', timeoutMs }],
    ['{ run: x, port: 1, ready: { timeout: 2m } }', { kind: 'tcp', endpoint: 'http', timeoutMs: 120_000 }],
    ['{ run: x, port: { a: 1, b: 2 }, ready: { tcp: b } }', { kind: 'tcp', endpoint: 'b', timeoutMs }],
    [
      '{ run: x, port: { a: 1, http: 2 }, ready: { http: / } }',
      { kind: 'http', endpoint: 'http', path: '/', timeoutMs },
    ],
    [
      '{ run: x, port: { a: 1, b: 2 }, ready: { http: / } }',
      { kind: 'http', endpoint: 'a', path: '/', timeoutMs },
    ],
    ['{ use: postgres, ready: { http: /m } }', { kind: 'http', endpoint: 'metrics', path: '/m', timeoutMs }],
    ['{ run: x, ready: { log: "on \\\\d+" } }', { kind: 'log', pattern: 'on \\d+', timeoutMs }],
    ['{ run: x, ready: { exec: test -f ok } }', { kind: 'exec', command: 'test -f ok', timeoutMs }],
  ];
  for (const [yaml, expected] of cases) assert.deepEqual(service(yaml).ready, expected, yaml);
});

test('what is said of restart and stop is completed by defaults', () => {
  assert.deepEqual(service('{ run: x, restart: never }').restart, { ...DEFAULT_RESTART, policy: 'never' });
  assert.deepEqual(service('{ run: x, restart: { max: 9 } }').restart, { ...DEFAULT_RESTART, max: 9 });
  assert.deepEqual(service('{ run: x, task: true, restart: on-failure }').restart, DEFAULT_RESTART);
  assert.deepEqual(service('{ run: x, task: true, restart: { max: 2 } }').restart, { ...NO_RESTART, max: 2 });
  assert.deepEqual(service('{ run: x, stop: { grace: 0s } }').stop, { graceMs: 0 });
  assert.deepEqual(service('{ run: x, stop: { signal: SIGQUIT } }').stop, { signal: 'SIGQUIT' });
});

test('options of a recipe get their defaults and one form', () => {
  assert.deepEqual(service('{ use: postgres, with: { init: a.sql, settings: { a: 1, b: on } } }').command, {
    kind: 'recipe',
    recipe: 'postgres',
    options: { user: 'postgres', init: ['a.sql'], settings: { a: 1, b: 'on' }, fsync: true },
  });
});

test('anchors, aliases and merge keys; own keys win, then the first source', () => {
  const { api, web, ui } = services(`
  api: &api { run: node api.js, cwd: api, port: 1, env: &env { A: 1, B: 2 } }
  web: { <<: *api, run: node web.js, env: { <<: *env, B: 3 } }
  ui: { <<: [{ cwd: ui }, *api], port: 9 }
`);
  assert.equal(api?.cwd, '/p/api');
  assert.equal(web?.cwd, '/p/api');
  assert.equal(words(web?.env.A), '1');
  assert.equal(words(web?.env.B), '3');
  assert.equal(ui?.cwd, '/p/ui');
  assert.equal(ui?.endpoints[0]?.port, 9);
});

test('free keys are free, at the top and in a service, whatever they hold', () => {
  parse(
    'x-top: { run: 5 }\nname: a\nservices:\n  web: { run: x, x-note: [1, { a: b }] }\n$schema: ./x.json\n',
  );
});

test('YAML in other clothes: BOM, CRLF, JSON, document start, comments', () => {
  const expected = parse('name: a\nservices: { web: { run: x } }');
  for (const yaml of [
    '\ufeffname: a\nservices: { web: { run: x } }',
    'name: a\r\nservices:\r\n  web:\r\n    run: x\r\n',
    '{"name": "a", "services": {"web": {"run": "x"}}}',
    '---\nname: a # so\nservices:\n\n  # more\n  web:\n    run: x\n...\n',
    '"name": a\n"services": { "web": { "run": x } }',
  ]) {
    assert.deepEqual(parse(yaml), expected, yaml);
  }
});

test('a text over several lines is one command', () => {
  assert.deepEqual(service('\n    run: >-\n      node\n      server.js\n').command, {
    kind: 'exec',
    argv: [text('node'), text('server.js')],
  });
  const { command } = service('\n    run: |\n      npm ci\n      node server.js\n');
  assert.ok(command.kind === 'shell');
  assert.equal(words(command.text), 'npm ci\nnode server.js');
});

test('the example of every recipe is right', () => {
  for (const recipe of RECIPES) {
    const others = '\n  api: { run: x, port: 1 }\n  web: { run: x, port: 1 }'.replace(
      new RegExp(`\\n {2}${recipe.example.split(':')[0]}:.*`),
      '',
    );
    parse(`name: a\nservices:\n  ${recipe.example.trimEnd().replaceAll('\n', '\n  ')}${others}\n`, RECIPES);
  }
});

test('three hundred services in a chain take well under a second', () => {
  const before = process.cpuUsage();
  const lines = Array.from(
    { length: 300 },
    (_, at) => `  s${at}: { run: node server.js, port: 3000, needs: [${at === 0 ? '' : `s${at - 1}`}] }`,
  );
  assert.equal(parse(`name: big\nservices:\n${lines.join('\n')}\n`).services.length, 300);
  assert.ok(process.cpuUsage(before).user < 3_000_000);
});
