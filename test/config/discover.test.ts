/** What `lo init` proposes for projects of many kinds; whatever it writes is a config that parses and runs what was found. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Files, found, lines } from './discovered.ts';

const PROJECTS: readonly (readonly [name: string, files: Files, services: readonly string[]])[] = [
  [
    'a Vite project',
    { 'package.json': { name: 'site', scripts: { dev: 'vite', build: 'vite build' } } },
    ['web: npm run dev @5173'],
  ],
  [
    'a Next project with pnpm',
    { 'package.json': { scripts: { dev: 'next dev -p 4000', start: 'next start' } }, 'pnpm-lock.yaml': '' },
    ['web: pnpm run dev @4000'],
  ],
  [
    'only start, with yarn',
    { 'package.json': { scripts: { start: 'node index.js' } }, 'yarn.lock': '' },
    ['app: yarn start'],
  ],
  [
    'packageManager wins over lock files',
    { 'package.json': { packageManager: 'pnpm@9.0.0', scripts: { dev: 'x' } }, 'yarn.lock': '' },
    ['app: pnpm run dev'],
  ],
  ['bun', { 'package.json': { scripts: { start: 'bun index.ts' } }, 'bun.lock': '' }, ['app: bun run start']],
  [
    'an Express server whose source says its port',
    {
      'package.json': {
        scripts: { dev: 'nodemon --watch src src/server.js' },
        dependencies: { express: '4' },
      },
      'src/server.js': 'app.listen(process.env.PORT || 4321)',
    },
    ['web: npm run dev @4321'],
  ],
  [
    'an Express server that says nothing',
    { 'package.json': { scripts: { start: 'node .' }, dependencies: { express: '4' } } },
    ['web: npm start @3000'],
  ],
  [
    'a library that only compiles',
    { 'package.json': { scripts: { dev: 'tsc --watch' }, dependencies: { express: '4' } } },
    ['app: npm run dev'],
  ],
  [
    'a worker beside the server',
    {
      'package.json': {
        scripts: { dev: 'vite', worker: 'node w.js', 'worker:dev': 'nodemon w.js', test: 'x', migrate: 'y' },
      },
    },
    ['web: npm run dev @5173', 'worker: npm run worker:dev'],
  ],
  [
    'an API beside the page',
    {
      'package.json': { scripts: { dev: 'vite', api: 'node --watch api.js', start: 'vite preview' } },
      'api.js': 'createServer(handle).listen(3000)',
    },
    ['web: npm run dev @5173', 'api: npm run api @3000'],
  ],
  [
    'two scripts for one server',
    {
      'package.json': { scripts: { dev: 'node --watch server.js', server: 'node server.js' } },
    },
    ['app: npm run dev'],
  ],
  [
    'scripts side by side',
    {
      'package.json': {
        scripts: {
          dev: 'concurrently "npm:dev:*"',
          'dev:api': 'node api.js',
          'dev:web': 'vite',
          'build:web': 'x',
        },
      },
    },
    ['api: npm run dev:api', 'web: npm run dev:web @5173'],
  ],
  [
    'run-p with names',
    {
      'package.json': {
        scripts: { start: 'run-p server client', server: 'node s.js', client: 'react-scripts start' },
      },
    },
    ['server: npm run server', 'client: npm run client @3000'],
  ],
  [
    'side by side with only one part known',
    { 'package.json': { scripts: { dev: 'concurrently "npm run server" "tsc -w"', server: 'node s.js' } } },
    ['app: npm run dev'],
  ],
  [
    'npm workspaces',
    {
      'package.json': {
        name: 'mono',
        workspaces: ['apps/*', 'packages/*', '!packages/old'],
        scripts: { dev: 'turbo dev' },
      },
      'apps/web/package.json': { name: '@mono/web', scripts: { dev: 'vite' } },
      'apps/api/package.json': {
        name: '@mono/api',
        scripts: { dev: 'tsx watch src/main.ts', worker: 'x' },
        dependencies: { fastify: '5' },
      },
      'packages/lib/package.json': { name: '@mono/lib', scripts: { build: 'tsc' } },
      'packages/old/package.json': { name: '@mono/old', scripts: { dev: 'x' } },
      'apps/web/node_modules/dep/package.json': { name: 'dep', scripts: { dev: 'x' } },
    },
    [
      'api: npm run dev @3000 in apps/api',
      'api-worker: npm run worker in apps/api',
      'web: npm run dev @5173 in apps/web',
    ],
  ],
  [
    'pnpm workspaces, two packages of one name',
    {
      'package.json': { name: 'mono' },
      'pnpm-workspace.yaml': 'packages:\n  - "**"\n  - "!**/test/**"\n',
      'a/web/package.json': { name: 'web', scripts: { dev: 'vite' } },
      'b/web/package.json': { name: '@b/web', scripts: { dev: 'vite' } },
      'b/test/x/package.json': { name: 'x', scripts: { dev: 'vite' } },
    },
    ['web: npm run dev @5173 in a/web', 'web-2: npm run dev @5173 in b/web'],
  ],
  [
    'workspaces without anything that runs: the root counts',
    {
      'package.json': { workspaces: ['packages/*'], scripts: { dev: 'vite' } },
      'packages/lib/package.json': { scripts: { build: 'x' } },
    },
    ['web: npm run dev @5173'],
  ],
  [
    'workspaces that lead out',
    { 'package.json': { workspaces: ['../*', '/etc', 'a/../../x'], scripts: { dev: 'x' } } },
    ['app: npm run dev'],
  ],
  [
    'a Procfile',
    {
      Procfile:
        '# all\nweb: bundle exec puma -p ${PORT:-3000}\nworker: sidekiq\nmetrics: node m.js --port $PORT\nrelease: rake db:migrate\n\nnot a line\n',
    },
    [
      'web: sh bundle exec puma -p ${PORT:-3000} @3000',
      'worker: sidekiq',
      'metrics: sh node m.js --port $PORT @5200',
      'release: rake db:migrate',
    ],
  ],
  [
    'Procfile.dev counts before Procfile and package.json',
    {
      'Procfile.dev': 'web: bin/rails server\n',
      Procfile: 'web: puma\n',
      'package.json': { scripts: { dev: 'vite' } },
    },
    ['web: bin/rails server @3000'],
  ],
  [
    'what is ours in a config stays the shell’s',
    { Procfile: 'a: echo $$ > pid; echo ${b.c} \\$\\$\n' },
    ['a: sh echo $$ > pid; echo ${b.c} \\$\\$'],
  ],
  [
    'names that are no names',
    { Procfile: 'Web_1: a\nweb-1: b\nENV: c\n1: d\n' },
    ['web-1: a', 'web-1-2: b', 'env-2: c', 'app: d'],
  ],
  [
    'a script that starts Loopyard is not started by it',
    { 'package.json': { scripts: { dev: 'lo up', start: 'node s.js' } } },
    ['app: npm start'],
  ],
  [
    'odd types in package.json',
    {
      'package.json': {
        name: 5,
        scripts: { dev: 'x', start: 5, worker: null },
        dependencies: [],
        workspaces: 'a',
      },
    },
    ['app: npm run dev'],
  ],
  [
    'a script name that needs quotes',
    { 'package.json': { scripts: { dev: 'run-p "a*"', "a it's $HOME": 'x', 'a b': 'y' } } },
    ["a-it-s-home: npm run a it's $HOME", 'a-b: npm run a b'],
  ],
];

for (const [name, files, services] of PROJECTS) {
  test(name, async (t) => assert.deepEqual(lines((await found(t, files)).project), services));
}

test('the project is named by its package, else by its directory', async (t) => {
  const scripts = { dev: 'x' };
  assert.equal(
    (await found(t, { 'package.json': { name: '@acme/Über Shop', scripts } })).project.name,
    'acme-uber-shop',
  );
  assert.equal((await found(t, { 'package.json': { scripts } }, 'My Shop 2')).project.name, 'my-shop-2');
  assert.equal((await found(t, { 'package.json': { scripts } }, '日本')).project.name, 'project');
});

test('databases are suggested, never started', async (t) => {
  const {
    yaml,
    project: own,
    findings,
  } = await found(t, {
    'package.json': {
      scripts: { dev: 'vite' },
      dependencies: { pg: '8', ioredis: '5' },
      devDependencies: { bullmq: '5' },
    },
    'docker-compose.yml':
      'services:\n  database: { image: "postgis/postgis:16" }\n  mail: { image: mailhog }\n  "\\e[31m": {}\n',
  });
  assert.deepEqual(
    own.services.map(({ name }) => name),
    ['web'],
  );
  assert.match(yaml, /# the image postgis\/postgis:16 in docker-compose\.yml: for one of its own/);
  assert.equal(yaml.match(/use: postgres/g)?.length, 1);
  assert.match(yaml, / {2}# redis:\n {2}# {3}use: redis\n/);
  assert.ok(findings.some((finding) => finding.startsWith('docker-compose.yml (database, mail')));
});

test('a name that is taken gives the suggestion another', async (t) => {
  const { yaml } = await found(t, {
    Procfile: 'db: node db.js\n',
    'package.json': { scripts: { dev: 'x' }, dependencies: { pg: '8' } },
  });
  assert.match(yaml, / {2}# db-2:\n/);
});

test('a Compose file that is broken or a bomb is only mentioned', async (t) => {
  const bomb = Array.from(
    { length: 30 },
    (_, at) =>
      `a${at}: &a${at} [${Array(9)
        .fill(at === 0 ? 'x' : `*a${at - 1}`)
        .join(',')}]`,
  ).join('\n');
  for (const text of ['services: [', bomb, '', 'services: 5']) {
    const { findings } = await found(t, { Procfile: 'web: x\n', 'compose.yaml': text });
    assert.ok(findings.some((finding) => finding.startsWith('compose.yaml is there too')));
  }
});

test('.env goes with a Procfile, as foreman does it', async (t) => {
  const { project: own } = await found(t, { Procfile: 'web: x\n', '.env': 'A=1' });
  assert.match(own.services[0]?.envFiles[0] ?? '', /\/\.env$/);
});

test('a command that cannot stand in a config is left out, and said', async (t) => {
  const { project: own, findings } = await found(t, { Procfile: "web: x\nbad: it's\n" });
  assert.equal(own.services.length, 1);
  assert.ok(findings.includes('left out bad: its command cannot be read'));
});

test('comments cannot be broken out of', async (t) => {
  const { project: own } = await found(t, {
    'package.json': { workspaces: ['*'], name: 'x' },
    'a\n  evil: { run: rm }\u2028#/package.json': {
      name: 'a',
      scripts: { dev: 'x' },
      dependencies: { pg: '1' },
    },
  });
  assert.deepEqual(
    own.services.map(({ name }) => name),
    ['a'],
  );
});

test('Procfiles of random lines give configs that parse', async (t) => {
  const pieces = [
    'web',
    'a_b',
    ': ',
    ':',
    ' ',
    '\t',
    '#',
    '"',
    "'",
    '$',
    '$$',
    '${',
    '}',
    '${db.port}',
    '\\',
    '|',
    '&',
    '- ',
    '[',
    '{',
    '!',
    '*',
    '%',
    '@',
    '`',
    '>',
    'é',
    '😀',
    '\r',
    'x=1',
    '\n',
  ];
  let seed = 5;
  const next = (most: number): number => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return Math.floor((seed / 2147483648) * most);
  };
  const text = Array.from(
    { length: 400 },
    (_, at) => `p${at}: x${Array.from({ length: next(9) }, () => pieces[next(pieces.length)]).join('')}`,
  ).join('\n');
  const { project: own } = await found(t, { Procfile: text });
  assert.ok(own.services.length > 200);
});
