/** `lo run` and `lo test` with a fake daemon: codes, output, teardown, reports. What a killed owner leaves behind is `e2e/owned`. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { DownRequest, UpRequest } from '../../src/core/api.ts';
import { LoopyardError } from '../../src/core/errors.ts';
import type { LogLine, ServiceStatus, WatchEvent } from '../../src/core/status.ts';
import {
  type Answers,
  type Call,
  change,
  endpoint,
  Feed,
  feedOf,
  service,
  settled,
  snapshot,
  status,
  THEN,
} from '../support/fake-workbench.ts';
import { lo, Rig } from './rig.ts';

const AT = new Date(THEN).toISOString();
const STARTING = service('node', { state: 'starting', startupMs: null });
const READY = service('node', { endpoints: [endpoint('127.64.0.9', 3000)] });

function ended(change: Partial<ServiceStatus>): ServiceStatus {
  return service('node', { state: 'failed', pid: null, ...change });
}

function running(...events: readonly WatchEvent[]): {
  readonly up: Feed<WatchEvent>;
  readonly answers: Answers;
} {
  const up = new Feed<WatchEvent>().push(...events);
  const lines: readonly LogLine[] = [{ service: 'node', run: 'node-1', at: AT, offset: 0, text: 'hello' }];
  const answers: Answers = {
    up: () => up,
    down: () => feedOf(snapshot(), settled()),
    logs: () => feedOf(lines),
  };
  return { up, answers };
}

function downs(calls: readonly Call[]): readonly (readonly [force: boolean, forget: boolean])[] {
  return calls
    .filter(({ route }) => route === 'down')
    .map(({ request }) => [(request as DownRequest).force, (request as DownRequest).forget]);
}

const CODES: readonly (readonly [name: string, exit: ServiceStatus['exit'], code: number])[] = [
  ['its code', { code: 5, signal: null, at: AT }, 5],
  ['128 + its signal', { code: null, signal: 'SIGTERM', at: AT }, 143],
];

for (const [name, exit, code] of CODES) {
  test(`lo run ends with ${name}, prints the output alone, forgets the environment`, async () => {
    const { answers } = running(snapshot(STARTING), change(READY), change(ended({ exit })));
    const result = await lo(['run', '--', 'node', 'server.js'], { answers });
    assert.equal(result.code, code);
    assert.equal(result.stdout, 'hello\n');
    assert.match(result.stderr, /^lo: node listens on http:\/\/127\.64\.0\.9:3000$/m);
    assert.deepEqual(downs(result.calls), [
      [false, false],
      [false, true],
    ]);
    const request = result.calls[0]?.request as UpRequest | undefined;
    assert.equal(request?.owner, 'kill');
    assert.equal(request?.inline?.name, 'node-99');
  });
}

test('lo run keeps the data of a recipe', async () => {
  const { answers } = running(
    snapshot(STARTING),
    change(ended({ exit: { code: 0, signal: null, at: AT }, state: 'completed' })),
  );
  const { code, calls } = await lo(['run', '--use', 'redis'], { answers });
  assert.equal(code, 0);
  assert.deepEqual(downs(calls), [[false, false]]);
});

test('lo run: what an earlier run left is not the end of this one', async () => {
  const { up, answers } = running(snapshot(ended({ exit: { code: 9, signal: null, at: AT } })));
  const rig = new Rig(['run', '--use', 'redis'], { answers });
  up.push(change(STARTING), change(READY));
  await rig.stderr.says(/listens on/);
  up.push(change(ended({ exit: { code: 3, signal: null, at: AT } })));
  assert.equal(await rig.ended, 3);
});

test('lo run: 127 for a command that is not there, 125 when it could not be started', async () => {
  const missing = new LoopyardError('COMMAND_NOT_FOUND', { service: 'node', command: 'nodee' }).message;
  const first = running(snapshot(STARTING), change(ended({ reason: missing })));
  const result = await lo(['run', '--', 'nodee'], { answers: first.answers });
  assert.equal(result.code, 127);
  assert.match(result.stderr, /COMMAND_MISSING/);
  const second = running(snapshot(STARTING), change(ended({ reason: 'no memory' })));
  assert.equal((await lo(['run', '--', 'node'], { answers: second.answers })).code, 125);
});

test('lo run: Ctrl-C stops it with its grace, a second one at once', async () => {
  const { answers } = running(snapshot(READY));
  const slow = new Feed<WatchEvent>().push(snapshot(READY));
  let asked: () => void = () => undefined;
  const stopping = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const down = (request: DownRequest): AsyncIterable<WatchEvent> => {
    asked();
    if (request.force) slow.push(settled()).end();
    return request.force || request.forget ? feedOf(settled()) : slow;
  };
  const rig = new Rig(['run', '--', 'node'], { answers: { ...answers, down } });
  await rig.stdout.says(/hello/);
  rig.signal('SIGINT');
  await stopping;
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.deepEqual(downs(rig.calls), [
    [false, false],
    [true, false],
    [false, true],
  ]);
});

test('lo run --json: events and lines as documents', async () => {
  const { answers } = running(snapshot(STARTING), change(ended({ exit: { code: 0, signal: null, at: AT } })));
  const { stdout, stderr } = await lo(['run', '--json', '--', 'node'], { answers });
  const types = stdout
    .trim()
    .split('\n')
    .map((text) => (JSON.parse(text) as { type: string }).type);
  assert.deepEqual(types.sort(), ['log', 'service', 'snapshot']);
  assert.equal(stderr, '');
});

const SERVICES = [service('db', { startupMs: 120 }), service('api', { startupMs: 340 })];

function testing(...events: readonly WatchEvent[]): Answers {
  return {
    ps: async () => {
      throw new LoopyardError('ENVIRONMENT_NOT_FOUND', { path: '/x' });
    },
    up: () => new Feed<WatchEvent>().push(...events),
    down: () => feedOf(snapshot(), settled()),
    env: async () => ({
      schema: 1,
      service: null,
      cwd: '/',
      variables: { PATH: process.env.PATH ?? '', API_PORT: '3000' },
    }),
  };
}

/** The command must not write into the test's own output. */
const QUIET = 'exec >/dev/null 2>&1;';

test('lo test passes the code on and takes everything down', async (t) => {
  const directory = folder(t);
  for (const [script, code] of [
    ['exit 0', 0],
    ['exit 7', 7],
    ['[ "$API_PORT" = 3000 ] && exit 9', 9],
    ['kill -TERM $$', 143],
  ] as const) {
    const result = await lo(['test', '--', 'sh', '-c', QUIET + script], {
      answers: testing(snapshot(...SERVICES), settled()),
      directory,
    });
    assert.equal(result.code, code, result.stderr);
    assert.equal(result.stdout, '', 'standard output belongs to the command');
    assert.deepEqual(downs(result.calls), [[false, false]]);
  }
});

test('lo test: 127 and 126 for commands that cannot be run, and everything goes down', async (t) => {
  const directory = folder(t);
  const answers = testing(snapshot(...SERVICES), settled());
  const missing = await lo(['test', '--', 'no-such-command'], { answers, directory });
  assert.deepEqual([missing.code, downs(missing.calls).length], [127, 1]);
  const unrunnable = await lo(['test', '--', '/'], { answers, directory });
  assert.deepEqual([unrunnable.code, downs(unrunnable.calls).length], [126, 1]);
});

const BAD = {
  service: 'api',
  state: 'failed',
  reason: 'exited with code 3',
  warnings: [],
  tail: ['no <moon>'],
  log: '/log',
} as const;

test('lo test --junit: a test case for each service and one for the command', async (t) => {
  const directory = folder(t);
  const good = testing(snapshot(...SERVICES), settled());
  await lo(['test', '--junit', 'out/report.xml', '--', 'sh', '-c', `${QUIET} exit 4`], {
    answers: good,
    directory,
  });
  const report = readFileSync(join(directory, 'out/report.xml'), 'utf8');
  assert.match(report, /tests="3" failures="1"/);
  assert.match(report, /<testcase classname="services" name="db" time="0\.120"\/>/);
  assert.match(
    report,
    /<testcase classname="command" name="sh -c [^"]*"[^>]*>\s*<failure message="exited with code 4">/,
  );
  const bad = testing(snapshot(service('db'), service('api', { state: 'failed' })), settled(BAD));
  const result = await lo(['test', '--junit', 'bad.xml', '--', 'true'], { answers: bad, directory });
  assert.equal(result.code, 125);
  assert.match(result.stderr, /\| no <moon>[\s\S]*NOT_READY/);
  assert.deepEqual(downs(result.calls), [[false, false]]);
  assert.match(
    readFileSync(join(directory, 'bad.xml'), 'utf8'),
    /<failure message="exited with code 3">no &lt;moon&gt;<\/failure>/,
  );
});

test('lo test --timeout gives up, says who is missing, and takes everything down', async (t) => {
  const answers = testing(snapshot(service('db'), service('api', { state: 'starting' })));
  const { code, stderr, calls } = await lo(['test', '--timeout', '20ms', '--', 'true'], {
    answers,
    directory: folder(t),
  });
  assert.equal(code, 125);
  assert.match(stderr, /1 service is not ready: api/);
  assert.equal(downs(calls).length, 1);
});

test('lo test in an environment that runs: uses it and leaves it', async (t) => {
  const answers = { ...testing(snapshot(...SERVICES), settled()), ps: async () => status(...SERVICES) };
  const { code, stderr, calls } = await lo(['test', '--', 'sh', '-c', `${QUIET} exit 2`], {
    answers,
    directory: folder(t),
  });
  assert.equal(code, 2);
  assert.match(stderr, /runs already/);
  assert.deepEqual(downs(calls), []);
  assert.equal((calls.find(({ route }) => route === 'up')?.request as UpRequest | undefined)?.owner, 'none');
});

function folder(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'session-'));
  t.after(() => rmSync(directory, { recursive: true }));
  return directory;
}
