/** `lo up` in the foreground, played by a fake daemon: the start, the logs, signals, bad starts, daemons that die. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DownRequest, LogsRequest, UpRequest, Workbench } from '../../src/core/api.ts';
import type { LogLine, Outcome, WatchEvent } from '../../src/core/status.ts';
import {
  type Answers,
  change,
  endpoint,
  Feed,
  fakeWorkbench,
  feedOf,
  service,
  settled,
  snapshot,
  THEN,
} from '../support/fake-workbench.ts';
import { lo, Rig } from './rig.ts';
import { Screen } from './screen.ts';

const ENDPOINTS = [endpoint('127.64.12.2', 3000)];
const STARTING = service('api', { state: 'starting', startupMs: null, endpoints: ENDPOINTS });
const READY = service('api', { endpoints: ENDPOINTS });
const STOPPED = service('api', { state: 'stopped', pid: null, endpoints: ENDPOINTS });
const FAILED = service('api', { state: 'failed', pid: null, reason: 'exited with code 3' });
const BAD: Outcome['bad'][number] = {
  service: 'api',
  state: 'failed',
  reason: 'exited with code 3',
  warnings: [],
  tail: ['cannot find the moon'],
  log: '/state/logs/api.log',
};

function line(offset: number, text: string): LogLine {
  return { service: 'api', run: 'api-1', at: new Date(THEN).toISOString(), offset, text };
}

/** A daemon that the test plays: streams that it feeds, and what `down` answers. */
function play(
  down: () => AsyncIterable<WatchEvent> = () => feedOf(snapshot(READY), change(STOPPED), settled()),
): {
  readonly up: Feed<WatchEvent>;
  readonly logs: Feed<readonly LogLine[]>;
  readonly answers: Answers;
} {
  const up = new Feed<WatchEvent>();
  const logs = new Feed<readonly LogLine[]>();
  const answers: Answers = {
    up: () => up,
    down,
    logs: (request) => (request.follow ? logs : feedOf<readonly LogLine[]>()),
  };
  return { up, logs, answers };
}

const FILE = ['-f', '/work/shop/loopyard.yaml'];

test('foreground: shows each service, then follows logs; Ctrl-C stops all and ends with 130', async () => {
  const { up, logs, answers } = play();
  const rig = new Rig(['up', ...FILE], { answers });
  up.push(snapshot(STARTING), change(READY), settled());
  await rig.stderr.says(/up after/);
  logs.push([line(0, 'listening'), line(10, 'second')]);
  await rig.stdout.says(/second/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.equal(
    rig.stdout.text,
    'api  ready      http://127.64.12.2:3000  400ms\napi │ listening\napi │ second\napi  stopped\n',
  );
  const [request] = rig.requests('up') as readonly UpRequest[];
  assert.equal(request?.owner, 'stop');
  assert.equal(request?.untilSettled, false);
  assert.equal(request?.pid, 99);
  const [down] = rig.requests('down') as readonly DownRequest[];
  assert.deepEqual(
    [down?.environment, down?.force, down?.forget, down?.services],
    ['shop-1', false, false, []],
  );
});

test('foreground: a second Ctrl-C ends everything at once', async () => {
  const slow = new Feed<WatchEvent>().push(snapshot(READY));
  const { up, answers } = play();
  const forces: boolean[] = [];
  const down = (request: DownRequest): AsyncIterable<WatchEvent> => {
    forces.push(request.force);
    if (!request.force) return slow;
    slow.push(change(STOPPED), settled()).end();
    return feedOf(settled());
  };
  const rig = new Rig(['up', ...FILE], { answers: { ...answers, down } });
  up.push(snapshot(READY), settled());
  await rig.stderr.says(/up after/);
  rig.signal('SIGINT');
  await rig.stderr.says(/stopping; Ctrl-C again/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.deepEqual(forces, [false, true]);
});

test('foreground: SIGTERM and a closed terminal stop it in the same way, with their own codes', async () => {
  for (const [signal, code] of [
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    const { up, answers } = play();
    const rig = new Rig(['up', ...FILE], { answers });
    up.push(snapshot(READY), settled());
    await rig.stderr.says(/up after/);
    rig.signal(signal);
    assert.equal(await rig.ended, code);
    assert.equal(rig.requests('down').length, 1);
  }
});

test('foreground: Ctrl-C while it starts stops what was started', async () => {
  const { up, answers } = play();
  const rig = new Rig(['up', ...FILE], { answers, terminal: 80 });
  up.push(snapshot(STARTING));
  await rig.stdout.says(/starting/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.equal(rig.requests('down').length, 1);
});

test('foreground without a terminal: a bad start stops the rest and ends with 1', async () => {
  const { up, answers } = play();
  const rig = new Rig(['up', ...FILE], { answers });
  up.push(snapshot(STARTING, service('db')), change(FAILED), settled(BAD));
  assert.equal(await rig.ended, 1);
  assert.equal(rig.requests('down').length, 1);
  assert.match(rig.stderr.text, /\| cannot find the moon/);
  assert.match(rig.stderr.text, /error\[NOT_READY\]: 1 service is not ready: api/);
});

test('foreground in a terminal: a bad start is shown and the rest stays', async () => {
  const { up, logs, answers } = play();
  const rig = new Rig(['up', ...FILE], { answers, terminal: 100 });
  up.push(snapshot(STARTING, service('db')), change(FAILED), settled(BAD));
  await rig.stderr.says(/cannot find the moon/);
  logs.push([{ ...line(0, 'still here'), service: 'db' }]);
  await rig.stdout.says(/still here/);
  assert.equal(rig.requests('down').length, 0);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
});

test('foreground in a terminal: the table is redrawn in place and stays when it is done', async () => {
  const { up, answers } = play();
  const rig = new Rig(['up', ...FILE], { answers, terminal: 100, variables: { NO_COLOR: '1' } });
  up.push(snapshot(STARTING));
  await rig.stdout.says(/starting/);
  up.push(change(READY), settled());
  await rig.stderr.says(/up after/);
  const screen = new Screen(100).feed(rig.stdout.text);
  assert.deepEqual(screen.lines(), [
    'SERVICE  STATE     TIME  ADDRESS',
    'api      ● ready  400ms  http://127.64.12.2:3000',
    '',
  ]);
  assert.equal(screen.cursorShown, true);
  rig.signal('SIGINT');
  await rig.ended;
});

test('foreground: changes while it is up stand among the logs', async () => {
  const { up, answers } = play();
  const rig = new Rig(['up', ...FILE], { answers });
  up.push(snapshot(READY, service('db')), settled());
  await rig.stderr.says(/up after/);
  up.push(
    change(
      service('api', { state: 'backoff', reason: 'exited with code 1, starts again in 0.2s', restarts: 1 }),
    ),
  );
  up.push(change(service('api', { endpoints: ENDPOINTS, run: 'api-2', restarts: 1 })));
  await rig.stdout.says(/ready at/);
  assert.match(
    rig.stdout.text,
    /^api ↻ backoff: exited with code 1, starts again in 0\.2s, restarted once$/m,
  );
  assert.match(rig.stdout.text, /^api ● ready at http:\/\/127\.64\.12\.2:3000: restarted once$/m);
  rig.signal('SIGINT');
  await rig.ended;
});

test('foreground: ends by itself when nothing runs any more', async () => {
  const done = service('job', { state: 'completed', task: true, pid: null });
  const { up, answers } = play();
  const good = new Rig(['up', ...FILE], { answers });
  up.push(snapshot(done), settled());
  assert.equal(await good.ended, 0);
  assert.match(good.stderr.text, /nothing runs any more/);

  const second = play();
  const stopped = new Rig(['up', ...FILE], { answers: second.answers });
  second.up.push(snapshot(READY), settled());
  await stopped.stderr.says(/up after/);
  second.up.push(change(STOPPED));
  assert.equal(await stopped.ended, 0);
  assert.match(stopped.stderr.text, /stopped by another command/);

  const third = play();
  const failed = new Rig(['up', ...FILE], { answers: third.answers });
  third.up.push(snapshot(READY), settled());
  await failed.stderr.says(/up after/);
  third.up.push(change(FAILED));
  assert.equal(await failed.ended, 1);
});

test('a daemon that dies during the start: the next one is asked the same', async () => {
  const first = play();
  const second = play();
  const starts: boolean[] = [];
  const daemons: Workbench[] = [fakeWorkbench(first.answers), fakeWorkbench(second.answers)];
  const connect = async ({ autostart }: { readonly autostart: boolean }): Promise<Workbench | null> => {
    starts.push(autostart);
    // The second one has to be started.
    if (starts.length === 2) return null;
    return daemons[starts.length > 1 ? 1 : 0] ?? null;
  };
  const rig = new Rig(['up', ...FILE], { connect });
  first.up.push(snapshot(STARTING));
  first.up.break();
  await rig.stderr.says(/another one took over/);
  second.up.push(snapshot(STARTING), change(READY), settled());
  await rig.stderr.says(/up after/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.deepEqual(starts.slice(0, 3), [true, false, true]);
});

test('a daemon that dies later: the next one is only watched, and no line comes twice or is missed', async () => {
  const first = play();
  const watch = new Feed<WatchEvent>();
  const logRequests: LogsRequest[] = [];
  const secondLogs = new Feed<readonly LogLine[]>();
  let broken = false;
  const connect = async (): Promise<Workbench> =>
    broken
      ? fakeWorkbench({
          watch: () => watch,
          down: () => feedOf(snapshot(STOPPED), settled()),
          logs: (request) => {
            logRequests.push(request);
            return request.follow ? secondLogs : feedOf<readonly LogLine[]>();
          },
        })
      : fakeWorkbench(first.answers);
  const rig = new Rig(['up', ...FILE], { connect });
  first.up.push(snapshot(READY), settled());
  await rig.stderr.says(/up after/);
  first.logs.push([line(0, 'one'), line(4, 'two')]);
  await rig.stdout.says(/two/);
  broken = true;
  watch.push(snapshot(READY));
  first.up.break();
  first.logs.break();
  secondLogs.push([line(0, 'one'), line(4, 'two'), line(8, 'three')]);
  await rig.stdout.says(/three/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.deepEqual(rig.stdout.text.match(/one|two|three/g), ['one', 'two', 'three']);
  assert.equal(logRequests[0]?.tail, -1);
});

test('a daemon that keeps dying is an error in the end', async () => {
  const answers: Answers = { up: () => new Feed<WatchEvent>().break() };
  const { code, stderr } = await lo(['up', ...FILE], { answers });
  assert.equal(code, 3);
  assert.match(stderr, /DAEMON_UNREACHABLE/);
});
