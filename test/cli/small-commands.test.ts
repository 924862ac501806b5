/** The commands that ask one thing and print it. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { redacted } from '../../src/cli/redact.ts';
import {
  type Answers,
  change,
  endpoint,
  feedOf,
  service,
  settled,
  snapshot,
  status,
} from '../support/fake-workbench.ts';
import { lo } from './rig.ts';

const VARIABLES = {
  LANG: 'C.UTF-8',
  PORT: '3000',
  DB_PASSWORD: "it's $secret",
  DATABASE_URL: 'postgres://app:hush@127.64.0.2/app',
  MULTI: 'a\nb',
};
const env: Answers = {
  env: async () => ({ schema: 1, service: 'api', cwd: '/work/shop/api', variables: VARIABLES }),
};

test('lo env prints what differs from here, --all everything', async () => {
  const { stdout } = await lo(['env', 'api'], { answers: env });
  assert.match(stdout, /^PORT=3000$/m);
  assert.doesNotMatch(stdout, /LANG/);
  assert.match((await lo(['env', 'api', '--all'], { answers: env })).stdout, /^LANG=C\.UTF-8$/m);
});

test('lo env hides secrets on a terminal, and nowhere else', async () => {
  const shown = await lo(['env', 'api'], { answers: env, terminal: 80 });
  assert.doesNotMatch(shown.stdout, /secret|hush/);
  assert.match(shown.stdout, /DB_PASSWORD=\*{8}/);
  assert.match(shown.stdout, /DATABASE_URL=postgres:\/\/app:\*{8}@127\.64\.0\.2\/app/);
  assert.match(shown.stderr, /2 hidden; --show/);
  const json = await lo(['env', 'api', '--json'], { answers: env, terminal: 80 });
  assert.doesNotMatch(json.stdout, /secret|hush/);
  assert.match((await lo(['env', 'api', '--show'], { answers: env, terminal: 80 })).stdout, /secret/);
  assert.match((await lo(['env', 'api'], { answers: env })).stdout, /hush/);
});

test('what looks like a secret', () => {
  for (const name of [
    'API_KEY',
    'SECRET_KEY_BASE',
    'npm_token',
    'PGPASSWORD',
    'AWS_SECRET_ACCESS_KEY',
    'KEY',
  ])
    assert.equal(redacted(name, 'x'), '********', name);
  for (const name of ['PORT', 'KEYBOARD', 'MONKEY', 'DATABASE', 'KEYS_DIR_NAME_X'])
    assert.equal(redacted(name, 'x'), 'x', name);
  assert.equal(redacted('URL', 'http://example/a:b@c'), 'http://example/a:b@c');
});

test('lo env --export and --dotenv survive what is in the values', async () => {
  const { stdout } = await lo(['env', 'api', '--export'], { answers: env });
  const { execFileSync } = await import('node:child_process');
  const printed = execFileSync('sh', ['-c', `${stdout}\nprintf '%s|%s' "$DB_PASSWORD" "$MULTI"`], {
    encoding: 'utf8',
  });
  assert.equal(printed, `${VARIABLES.DB_PASSWORD}|${VARIABLES.MULTI}`);
  const dotenv = (await lo(['env', 'api', '--dotenv'], { answers: env })).stdout;
  assert.match(dotenv, /^DB_PASSWORD="it's \\\$secret"$/m);
  assert.match(dotenv, /^MULTI="a\\nb"$/m);
  assert.match(dotenv, /^PORT=3000$/m);
});

const SHOP = status(
  service('db', { endpoints: [endpoint('127.64.0.1', 5432, { protocol: 'postgres' })] }),
  service('web', { endpoints: [endpoint('127.64.0.2', 80, { url: 'http://127.64.0.2' })] }),
);

test('lo open prints the first URL that a browser takes, or says that there is none', async () => {
  const answers: Answers = { ps: async () => SHOP };
  assert.equal((await lo(['open'], { answers })).stdout, 'http://127.64.0.2\n');
  assert.deepEqual(JSON.parse((await lo(['open', 'web', '--json'], { answers })).stdout), {
    schema: 1,
    service: 'web',
    url: 'http://127.64.0.2',
  });
  const none = await lo(['open', 'db'], { answers });
  assert.equal(none.code, 2);
  assert.match(none.stderr, /NO_ENDPOINT/);
  assert.match(none.stderr, /postgres at 127\.64\.0\.1:5432; .*`lo connect db`/);
  assert.match((await lo(['open', 'wbe'], { answers })).stderr, /did you mean `web`/);
});

test('lo open starts what BROWSER names', async (t) => {
  const directory = folder(t);
  const mark = join(directory, 'opened');
  const browser = join(directory, 'browser');
  writeFileSync(browser, `#!/bin/sh\nprintf %s "$1" > '${mark}.tmp' && mv '${mark}.tmp' '${mark}'\n`, {
    mode: 0o755,
  });
  const { until } = await import('../support/until.ts');
  await lo(['open', '--print'], { answers: { ps: async () => SHOP }, variables: { BROWSER: browser } });
  await lo(['open'], { answers: { ps: async () => SHOP }, variables: { BROWSER: browser } });
  await until(() => existsSync(mark));
  assert.equal(readFileSync(mark, 'utf8'), 'http://127.64.0.2');
});

test('lo clean says what went; --dry-run asks only for the list', async () => {
  const gone = {
    id: 'old-1',
    name: 'old',
    path: '/gone',
    project: 'shop',
    exists: false,
    blocks: [],
    services: { stopped: 2 },
  };
  const answers: Answers = {
    ls: async () => ({
      schema: 1,
      environments: [gone, { ...gone, id: 'b', exists: true }, { ...gone, id: 'c', services: { ready: 1 } }],
    }),
    clean: async () => ({ schema: 1, removed: [gone], kept: [], bytes: 1_500_000 }),
  };
  const dry = await lo(['clean', '--dry-run'], { answers });
  assert.equal(dry.stdout, 'would remove old (/gone)\n');
  assert.deepEqual(
    dry.calls.map(({ route }) => route),
    ['ls'],
  );
  assert.equal(
    (await lo(['clean'], { answers })).stdout,
    'removed old (/gone)\n1 environment removed, 1.5 MB freed\n',
  );
});

test('lo down: one service, all, and forgetting asks', async () => {
  const down = (): ReturnType<NonNullable<Answers['down']>> =>
    feedOf(snapshot(service('web')), change(service('web', { state: 'stopped', pid: null })), settled());
  const answers: Answers = { down, ps: async () => SHOP };
  assert.equal((await lo(['down', 'web'], { answers })).stdout, 'web  stopped\nweb is stopped\n');
  assert.equal((await lo(['down'], { answers })).stdout, 'web  stopped\nshop is stopped\n');
  const nobody = await lo(['down', '--forget'], { answers });
  assert.equal(nobody.code, 2);
  assert.match(nobody.stderr, /NEEDS_CONFIRMATION/);
  const asked = await lo(['down', '--forget'], { answers, terminal: 80, input: 'no\n' });
  assert.equal(asked.code, 1);
  assert.match(asked.stderr, /Remove data, logs and addresses of shop \(\/work\/shop\)\?/);
  const yes = await lo(['down', '--forget', '--yes', '--force'], { answers });
  assert.equal(yes.code, 0);
  const request = yes.calls.find(({ route }) => route === 'down')?.request as {
    forget: boolean;
    force: boolean;
  };
  assert.deepEqual([request.forget, request.force], [true, true]);
});

test('lo init writes what it found, prints it with --dry-run, and overwrites nothing', async (t) => {
  const directory = folder(t);
  const empty = await lo(['init'], { directory });
  assert.equal(empty.code, 2);
  assert.match(empty.stderr, /NO_SERVICES/);
  writeFileSync(join(directory, 'Procfile'), 'web: node server.js\n');
  const dry = await lo(['init', '--dry-run'], { directory });
  assert.match(dry.stdout, /run: node server\.js/);
  assert.equal(existsSync(join(directory, 'loopyard.yaml')), false);
  assert.match((await lo(['init'], { directory })).stdout, /^wrote /);
  assert.equal(readFileSync(join(directory, 'loopyard.yaml'), 'utf8'), dry.stdout);
  const again = await lo(['init'], { directory });
  assert.equal(again.code, 2);
  assert.match(again.stderr, /CONFIG_EXISTS/);
});

test('lo alone: this environment, a config that was never started, or first steps', async (t) => {
  const directory = folder(t);
  const steps = await lo([], { directory, connect: async () => null });
  assert.equal(steps.code, 0);
  assert.match(steps.stdout, /lo init/);
  writeFileSync(join(directory, 'loopyard.yaml'), 'name: shop\nservices: {}\n');
  const { LoopyardError } = await import('../../src/core/errors.ts');
  const unknown: Answers = {
    ps: async () => {
      throw new LoopyardError('ENVIRONMENT_NOT_FOUND', { path: directory });
    },
  };
  assert.match((await lo([], { directory, answers: unknown })).stdout, /was not started yet[\s\S]*lo up/);
  assert.match((await lo([], { directory, answers: { ps: async () => SHOP } })).stdout, /web\s+● ready/);
  assert.equal(
    (JSON.parse((await lo(['--json'], { directory, answers: unknown })).stdout) as { environment: null })
      .environment,
    null,
  );
});

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'cli-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}

test('lo connect --json hides secrets on a terminal', async () => {
  const answers: Answers = {
    connect: async () => ({
      schema: 1,
      argv: ['/usr/bin/psql'],
      variables: { PGPASSWORD: 'hush', PGHOST: '127.64.0.1' },
    }),
  };
  const shown = await lo(['connect', 'db', '--json', '--', '-c', 'select 1'], { answers, terminal: 80 });
  const document = JSON.parse(shown.stdout) as { argv: string[]; variables: Record<string, string> };
  assert.deepEqual(document.argv, ['/usr/bin/psql', '-c', 'select 1']);
  assert.deepEqual(document.variables, { PGPASSWORD: '********', PGHOST: '127.64.0.1' });
  assert.match((await lo(['connect', 'db', '--json'], { answers })).stdout, /hush/);
});

test('lo exec and lo connect do not force colours that nobody asked for', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'colours-'));
  try {
    const answers: Answers = {
      env: async () => ({
        schema: 1,
        service: 'api',
        cwd: directory,
        variables: { PATH: process.env.PATH ?? '', FORCE_COLOR: '1' },
      }),
    };
    const script = 'printf %s "${FORCE_COLOR-none}" > colour';
    const colourWith = async (variables: Record<string, string>): Promise<string> => {
      assert.equal((await lo(['exec', 'api', '--', 'sh', '-c', script], { answers, variables })).code, 0);
      return readFileSync(join(directory, 'colour'), 'utf8');
    };
    assert.equal(await colourWith({}), 'none');
    assert.equal(await colourWith({ FORCE_COLOR: '3' }), '3');
  } finally {
    rmSync(directory, { recursive: true });
  }
});
