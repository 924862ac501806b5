/** What people see, compared with kept texts: tables at several widths, plain, colours, errors, help. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayWidth } from '../../src/cli/printer/text.ts';
import { LoopyardError } from '../../src/core/errors.ts';
import type { EnvironmentStatus } from '../../src/core/status.ts';
import {
  type Answers,
  change,
  endpoint,
  feedOf,
  service,
  settled,
  snapshot,
  status,
  THEN,
} from '../support/fake-workbench.ts';
import { assertGolden } from './golden.ts';
import { lo } from './rig.ts';

const DB = endpoint('127.64.12.1', 5432, {
  name: 'postgres',
  protocol: 'postgres',
  url: 'postgres://app@127.64.12.1:5432/app',
});
const SHOP: EnvironmentStatus = status(
  service('db', { endpoints: [DB] }),
  service('migrate', {
    state: 'completed',
    task: true,
    pid: null,
    exit: { code: 0, signal: null, at: new Date(THEN).toISOString() },
  }),
  service('api', {
    state: 'backoff',
    pid: null,
    reason: 'exited with code 1 after 0.3s, starts again in 1.6s',
    restarts: 4,
    endpoints: [endpoint('127.64.12.2', 3000)],
  }),
  service('web', {
    state: 'pending',
    pid: null,
    reason: 'waits for api',
    endpoints: [endpoint('127.64.12.3', 5173)],
    run: null,
  }),
  service('arbeiter-für-データ', {
    state: 'failed',
    pid: null,
    exit: { code: null, signal: 'SIGSEGV', at: new Date(THEN).toISOString() },
    since: new Date(THEN - 3_600_000).toISOString(),
  }),
  service('wide', {
    endpoints: [endpoint('127.64.12.4', 8080)],
    warnings: [
      {
        code: 'LISTENS_WIDE',
        text: 'listens on 0.0.0.0:8080, so everybody on the network reaches it',
        fix: 'let it listen on HOST',
      },
    ],
  }),
);

const answers: Answers = {
  ps: async () => SHOP,
  ls: async () => ({
    schema: 1,
    environments: [
      {
        id: 'shop-1',
        name: 'shop',
        path: '/work/shop',
        project: 'shop',
        exists: true,
        blocks: ['127.64.12.0/24'],
        services: { ready: 3, failed: 1 },
      },
      {
        id: 'old-2',
        name: 'feature.shop',
        path: '/work/shop-feature',
        project: 'shop',
        exists: false,
        blocks: ['127.64.13.0/24'],
        services: { stopped: 4 },
      },
    ],
  }),
};

for (const terminal of [60, 80, 120]) {
  for (const command of ['ps', 'ls']) {
    test(`lo ${command} on a terminal of ${terminal} columns`, async () => {
      const { stdout, code } = await lo([command], { answers, terminal, variables: { NO_COLOR: '1' } });
      assert.equal(code, 0);
      for (const line of stdout.split('\n').filter((text) => !/^\S+: /.test(text))) {
        assert.ok(displayWidth(line) <= terminal, line);
      }
      assertGolden(`${command}-${terminal}`, stdout);
    });
  }
  test(`lo help on a terminal of ${terminal} columns`, async () => {
    const { stdout } = await lo(['help'], { terminal, variables: { NO_COLOR: '1' } });
    assertGolden(`help-${terminal}`, stdout);
  });
}

test('lo ps in colours, plain, and in a pipe', async () => {
  assertGolden('ps-colours', (await lo(['ps'], { answers, terminal: 120 })).stdout);
  assertGolden('ps-plain', (await lo(['ps', '--plain'], { answers, terminal: 120 })).stdout);
  assertGolden('ps-pipe', (await lo(['ps'], { answers })).stdout);
});

test('NO_COLOR changes nothing but the colours', async () => {
  const colours = (await lo(['ps'], { answers, terminal: 120 })).stdout;
  const none = (await lo(['ps'], { answers, terminal: 120, variables: { NO_COLOR: '1' } })).stdout;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are what is taken away.
  assert.equal(colours.replace(/\u001b\[\d+m/g, ''), none);
});

test('errors as people see them', async () => {
  const mistakes = [
    'loopyard.yaml:3:5 error: unknown key `prot`',
    '        prot: 3000',
    '        ^^^^',
    '    hint: did you mean `port`?',
  ];
  const broken: Answers = {
    ps: async () => {
      throw new LoopyardError(
        'CONFIG_INVALID',
        { count: '1 mistake', file: '/work/shop/loopyard.yaml' },
        mistakes,
      );
    },
  };
  const unknown: Answers = {
    restart: () => {
      throw new LoopyardError('SERVICE_UNKNOWN', { service: 'apo', fix: 'did you mean `api`?' });
    },
  };
  const texts = [
    await lo(['ps'], { answers: broken }),
    await lo(['ps', '--json'], { answers: broken }),
    await lo(['restart', 'apo'], { answers: unknown }),
    await lo(['restrat']),
    await lo(['up', '--detahc']),
    await lo(['logs', '--since', 'yesterday']),
    await lo(['exec', 'api']),
    await lo(['reset', 'db'], { answers }),
  ].map(({ code, stdout, stderr }) => `${stdout}${stderr}exit ${code}\n`);
  assertGolden('errors', texts.join('\n'));
});

test('a failing start shows reason, last lines and log', async () => {
  const failed = service('api', { state: 'failed', reason: 'exited with code 3', pid: null });
  const skipped = service('web', { state: 'skipped', reason: 'api failed', pid: null });
  const events = [
    snapshot(
      service('api', { state: 'starting' }),
      service('web', { state: 'pending', reason: 'waits for api' }),
    ),
    change(failed),
    change(skipped),
    settled(
      {
        service: 'api',
        state: 'failed',
        reason: 'exited with code 3',
        warnings: [],
        tail: ['reading config', '\u001b[31mcannot find the moon\u001b[0m\u001b[2J'],
        log: '/state/logs/api.log',
      },
      {
        service: 'web',
        state: 'skipped',
        reason: 'api failed',
        warnings: [],
        tail: [],
        log: '/state/logs/web.log',
      },
    ),
  ];
  const { code, stdout, stderr } = await lo(['up', '--detach', '-f', 'x.yaml'], {
    answers: { up: () => feedOf(...events) },
  });
  assert.equal(code, 1);
  assertGolden('up-failed', `${stdout}---\n${stderr}`);
});

test('the help page of a command', async () => {
  assertGolden(
    'help-test-80',
    (await lo(['help', 'test'], { terminal: 80, variables: { NO_COLOR: '1' } })).stdout,
  );
});
