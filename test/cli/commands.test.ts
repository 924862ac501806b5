/** What holds for every command, and the ways in which words go wrong. */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { COMMANDS } from '../../src/cli/commands/all.ts';
import { allPages } from '../../src/cli/pages.ts';
import { ERRORS, LoopyardError } from '../../src/core/errors.ts';
import { GLOBAL_OPTIONS } from '../../src/generate/command-page.ts';
import { type Answers, service, status } from '../support/fake-workbench.ts';
import { lo } from './rig.ts';

const pages = await allPages(COMMANDS);

test('the commands are those of the design, and `share`, each once', () => {
  const names = COMMANDS.map(({ name }) => name);
  assert.deepEqual(names, [
    'init',
    'up',
    'down',
    'ps',
    'ls',
    'start',
    'stop',
    'restart',
    'logs',
    'run',
    'test',
    'env',
    'exec',
    'connect',
    'reset',
    'open',
    'clean',
    'ports',
    'why',
    'explain',
    'kill',
    'wait',
    'doctor',
    'link',
    'fault',
    'alias',
    'switch',
    'share',
    'trust',
    'setup',
    'audit',
    'attack',
    'graph',
    'schema',
    'completion',
    'daemon',
  ]);
});

for (const page of pages) {
  test(`lo ${page.name}: help, examples, option names`, async () => {
    assert.ok(page.summary.length <= 60 && !page.summary.endsWith('.'), page.summary);
    assert.ok(page.examples.length > 0, 'no example');
    for (const example of page.examples) assert.match(example.command, new RegExp(`\\blo ${page.name}\\b`));
    assert.ok(page.description.length > 0);
    const options = [...page.options, ...GLOBAL_OPTIONS];
    const words = options.flatMap(({ name, short }) => (short === undefined ? [name] : [name, short]));
    assert.equal(new Set(words).size, words.length, 'an option twice');
    for (const way of [
      ['help', page.name],
      [page.name, '--help'],
      ['-h', page.name],
    ]) {
      const { code, stdout, calls } = await lo(way);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^lo ${page.name}: `));
      assert.equal(calls.length, 0, 'help asked the daemon');
    }
    const { stdout } = await lo(['help', page.name, '--json']);
    assert.equal((JSON.parse(stdout) as { command: { name: string } }).command.name, page.name);
  });

  test(`lo ${page.name} --json: an error is one JSON document`, async () => {
    const { code, stdout, stderr } = await lo([page.name, '--json', '--no-such-option']);
    const { schema, error } = JSON.parse(stdout) as { schema: number; error: { code: string; hint: string } };
    assert.deepEqual([schema, error.code, stderr], [1, 'USAGE', '']);
    assert.notEqual(error.hint, '');
    assert.equal(code, PASSING.has(page.name) ? 125 : 2);
  });
}

const PASSING = new Set(['run', 'test', 'exec']);

test('global options stand before or after the command', async () => {
  const requests: unknown[] = [];
  const answers: Answers = {
    ps: async (request) => {
      requests.push(request);
      return status(service('api'));
    },
  };
  for (const argv of [
    ['-f', 'a.yaml', '--json', 'ps'],
    ['ps', '--json', '--file=a.yaml'],
    ['--json', 'ps', '-fa.yaml'],
  ]) {
    const { code, stdout } = await lo(argv, { answers, directory: '/work' });
    assert.equal(code, 0);
    assert.equal((JSON.parse(stdout) as { project: string }).project, 'shop');
  }
  assert.deepEqual(requests, Array(3).fill({ directory: '/work', file: '/work/a.yaml' }));
});

test('a config behind a symbolic link to its directory is the same config', async (t) => {
  const real = realpathSync(mkdtempSync(join(tmpdir(), 'target-')));
  t.after(() => rmSync(real, { recursive: true }));
  symlinkSync(real, join(real, 'link'));
  const { calls } = await lo(['ps', '-f', 'link/a.yaml'], {
    answers: { ps: async () => status() },
    directory: real,
  });
  assert.deepEqual(calls[0]?.request, { directory: real, file: join(real, 'a.yaml') });
});

test('--environment names one by its id', async () => {
  const { calls } = await lo(['ps', '--environment', 'shop-1'], {
    answers: { ps: async () => status() },
    directory: '/x',
  });
  assert.deepEqual(calls[0]?.request, { directory: '/x', environment: 'shop-1' });
});

const WRONG: readonly (readonly [argv: readonly string[], message: RegExp, hint: RegExp])[] = [
  [['dwon'], /no command `dwon`/, /did you mean `lo down`\?/],
  [['qqqqqq'], /no command `qqqqqq`/, /lo help/],
  [['logs', '--folow'], /no option --folow for `lo logs`/, /did you mean --follow\?/],
  [['logs', '--follow=yes'], /--follow takes no value/, /usage: `lo logs/],
  [['logs', '--tail'], /--tail needs a value: N/, /usage/],
  [['logs', '--tail', 'many'], /--tail is no whole number/, /--tail 0/],
  [['logs', '--since', 'noon'], /--since is neither/, /5m/],
  [['up', '--timeout', '5'], /--timeout is no duration/, /5s/],
  [['up', '--timeout', '5s'], /--timeout belongs to --detach/, /--detach/],
  [['env'], /SERVICE is missing/, /lo env SERVICE/],
  [['env', 'a', 'b'], /`b` is one word too many/, /usage/],
  [['env', 'a', '--export', '--dotenv'], /exclude each other/, /usage/],
  [['ps', '--', 'x'], /nothing may stand behind `--`/, /usage/],
  [['daemon', 'restart'], /neither `status` nor `stop`/, /usage/],
  [['daemon', 'status', '--all'], /--all belongs to `stop`/, /usage/],
  [['completion', 'csh'], /`csh` is none of bash, zsh, fish/, /usage/],
  [['reset'], /SERVICE is missing/, /usage/],
  [['help', 'pss'], /no command `pss`/, /did you mean `lo ps`/],
];

for (const [argv, message, hint] of WRONG) {
  test(`lo ${argv.join(' ')}: says what is wrong and what to do`, async () => {
    const { code, stderr, stdout, calls } = await lo(argv);
    assert.equal(code, 2);
    assert.equal(stdout, '');
    const [first = '', second = ''] = stderr.split('\n');
    assert.match(first, message);
    assert.match(first, /^error\[USAGE\]: /);
    assert.match(second, hint);
    assert.match(second, /^hint: /);
    assert.equal(calls.length, 0);
  });
}

const WRONG_PASSING: readonly (readonly [argv: readonly string[], message: RegExp])[] = [
  [['exec', 'api'], /the command to run is missing/],
  [['exec', 'api', 'ls'], /stands behind `--`/],
  [['test'], /the command to run is missing/],
  [['run'], /neither --use nor a command/],
  [['run', '--use', 'postgres', '--', 'ls'], /exclude each other/],
  [['run', '--with', 'a=b', '--', 'ls'], /--with belongs to --use/],
  [['run', '--port', '99999', '--', 'ls'], /--port is no whole number from 1 to 65535/],
  [['run', '--use', 'postgres', '--with', 'database'], /is no KEY=VALUE/],
];

for (const [argv, message] of WRONG_PASSING) {
  test(`lo ${argv.join(' ')}: its own failure is 125`, async () => {
    const { code, stderr } = await lo(argv);
    assert.equal(code, 125);
    assert.match(stderr, message);
  });
}

test('exit codes of errors are those of the table', async () => {
  for (const code of ['ENVIRONMENT_NOT_FOUND', 'DAEMON_START_FAILED', 'NOT_READY'] as const) {
    const answers: Answers = {
      ps: async () => {
        throw new LoopyardError(code);
      },
    };
    assert.equal((await lo(['ps'], { answers })).code, ERRORS[code].exit);
  }
});

test('anything else that is thrown is a bug: stack, version, where to report', async () => {
  const answers: Answers = {
    ps: async () => {
      throw new TypeError('undefined is not a function');
    },
  };
  const { code, stderr } = await lo(['ps'], { answers });
  assert.equal(code, 3);
  assert.match(stderr, /error\[INTERNAL\]: a bug in Loopyard: undefined is not a function/);
  assert.match(stderr, /report it/);
  assert.match(stderr, /commands\.test/);
  assert.match(stderr, /node v\d+/);
});

test('a signal that nobody handles ends with 128 and its number', async () => {
  const { Rig } = await import('./rig.ts');
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const rig = new Rig(['ps'], { answers: { ps: () => new Promise(() => undefined) } });
    rig.signal(signal);
    assert.equal(await rig.ended, code);
  }
});

test('a reader that went away ends the command quietly', async () => {
  const { Rig } = await import('./rig.ts');
  const rig = new Rig(['ps'], { answers: { ps: () => new Promise(() => undefined) } });
  rig.stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  assert.equal(await rig.ended, 0);
  assert.equal(rig.stderr.text, '');
});

test('--version in every place', async () => {
  for (const argv of [['--version'], ['-V'], ['ps', '--version']]) {
    assert.equal((await lo(argv)).stdout, '1.2.3\n');
  }
  assert.deepEqual(JSON.parse((await lo(['--version', '--json'])).stdout), { schema: 1, version: '1.2.3' });
});

test('questions: yes, no, nobody to ask', async () => {
  const db = status(service('db', { state: 'stopped', data: '/src/shop/\u001b[31mdata' }));
  const answers: Answers = { ps: async () => db, reset: async () => db };
  const asked = ({ calls }: { readonly calls: readonly { readonly route: string }[] }) =>
    calls.map(({ route }) => route);
  const yes = await lo(['reset', 'db'], { answers, terminal: 80, input: 'y\n' });
  assert.deepEqual([yes.code, asked(yes)], [0, ['ps', 'reset']]);
  assert.match(yes.stderr, /Stop db and remove everything in \/src\/shop\/data\? \[y\/N\]/);
  const no = await lo(['reset', 'db'], { answers, terminal: 80, input: '\n' });
  assert.deepEqual([no.code, asked(no)], [1, ['ps']]);
  const nobody = await lo(['reset', 'db'], { answers });
  assert.deepEqual([nobody.code, asked(nobody)], [2, ['ps']]);
  assert.match(nobody.stderr, /NEEDS_CONFIRMATION[\s\S]*--yes/);
  assert.equal((await lo(['reset', 'db', '--yes'], { answers })).code, 0);
  const unknown = await lo(['reset', 'dbb'], { answers, terminal: 80, input: 'y\n' });
  assert.deepEqual([unknown.code, asked(unknown)], [2, ['ps']]);
  assert.match(unknown.stderr, /SERVICE_UNKNOWN[\s\S]*did you mean `db`/);
});
