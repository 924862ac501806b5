/** `lo logs`: what is asked for, how lines look, and no line lost or doubled when the daemon dies. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LogsRequest, Workbench } from '../../src/core/api.ts';
import type { LogLine } from '../../src/core/status.ts';
import {
  type Answers,
  Feed,
  fakeWorkbench,
  feedOf,
  service,
  status,
  THEN,
} from '../support/fake-workbench.ts';
import { lo, Rig } from './rig.ts';

const AT = new Date(THEN).toISOString();

function line(name: string, offset: number, text: string): LogLine {
  return { service: name, run: `${name}-1`, at: AT, offset, text };
}

const LINES = [
  line('api', 0, '\u001b[32mlistening\u001b[0m on 3000\u001b[2K'),
  line('database', 0, 'ready to accept connections'),
  line('api', 40, '  indented, with a tab\t and 漢字'),
];

function answersWith(lines: readonly LogLine[]): Answers {
  return { ps: async () => status(service('api'), service('database')), logs: () => feedOf(lines) };
}

function request(calls: readonly { readonly route: string; readonly request: unknown }[]): LogsRequest {
  const call = calls.find(({ route }) => route === 'logs');
  assert.ok(call);
  return call.request as LogsRequest;
}

test('each line has the name of its service; names stand under each other', async () => {
  const { code, stdout } = await lo(['logs'], { answers: answersWith(LINES) });
  assert.equal(code, 0);
  assert.equal(
    stdout,
    'api      │ listening on 3000\ndatabase │ ready to accept connections\napi      │   indented, with a tab\t and 漢字\n',
  );
});

test('on a terminal the colours of programs stay, and a service has the same colour wherever it stands', async () => {
  const one = await lo(['logs'], { answers: answersWith(LINES), terminal: 80 });
  assert.ok(one.stdout.includes('\u001b[32mlistening\u001b[0m on 3000'), one.stdout);
  assert.equal(one.stdout.includes('\u001b[2K'), false);
  const other = await lo(['logs', 'database'], { answers: answersWith(LINES.slice(1, 2)), terminal: 80 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the colour is what is compared.
  const color = /\u001b\[\d+m(?=database)/;
  assert.equal(color.exec(one.stdout)?.[0], color.exec(other.stdout)?.[0]);
});

test('--timestamps, --no-prefix, --plain, --json', async () => {
  const answers = answersWith(LINES.slice(0, 1));
  assert.equal((await lo(['logs', '-t'], { answers })).stdout, `${AT} api      │ listening on 3000\n`);
  assert.equal((await lo(['logs', '--no-prefix'], { answers })).stdout, 'listening on 3000\n');
  assert.equal(
    (await lo(['logs', '--plain'], { answers, terminal: 80 })).stdout,
    'api      | listening on 3000\n',
  );
  const { stdout } = await lo(['logs', '--json'], { answers });
  assert.deepEqual(JSON.parse(stdout), { schema: 1, type: 'log', ...LINES[0] });
});

test('what is asked of the daemon', async () => {
  const answers = answersWith([]);
  const asked = async (...argv: readonly string[]): Promise<LogsRequest> =>
    request((await lo(['logs', ...argv], { answers })).calls);
  assert.deepEqual(await asked(), { directory: '/nowhere/shop', services: [], follow: false, tail: 200 });
  assert.deepEqual((await asked('api', 'database', '-F')).services, ['api', 'database']);
  assert.equal((await asked('--follow')).follow, true);
  assert.equal((await asked('--tail', '5')).tail, 5);
  assert.equal((await asked('-n', 'all')).tail, -1);
  assert.equal((await asked('--tail', '-1')).tail, -1);
  assert.equal((await asked('--grep', 'a|b')).grep, 'a|b');
  const ago = await asked('--since', '5m');
  assert.deepEqual([ago.since, ago.tail], [THEN + 65_000 - 300_000, -1]);
  assert.equal((await asked('--since', '2026-01-02T03:00:00Z')).since, Date.parse('2026-01-02T03:00:00Z'));
});

test('following goes on with the next daemon: every line once', async () => {
  const first = new Feed<readonly LogLine[]>();
  const second = new Feed<readonly LogLine[]>();
  const feeds = [first, second];
  const asked: LogsRequest[] = [];
  const connect = async (): Promise<Workbench> =>
    fakeWorkbench({
      ps: async () => status(service('api')),
      logs: (wanted) => {
        asked.push(wanted);
        return feeds.shift() ?? feedOf();
      },
    });
  const rig = new Rig(['logs', '--follow', '--tail', '2', '--no-prefix'], { connect });
  first.push([line('api', 0, 'one'), line('api', 4, 'two')]);
  await rig.stdout.says(/two/);
  second.push([line('api', 0, 'one'), line('api', 4, 'two'), line('api', 8, 'three')]);
  first.break();
  await rig.stdout.says(/three/);
  rig.signal('SIGINT');
  assert.equal(await rig.ended, 130);
  assert.equal(rig.stdout.text, 'one\ntwo\nthree\n');
  assert.deepEqual([asked[0]?.tail, asked[1]?.tail, asked[1]?.since], [2, -1, THEN - 60_000]);
});

test('a broken pattern is the daemon’s to refuse, and a usage error', async () => {
  const { LoopyardError } = await import('../../src/core/errors.ts');
  const answers: Answers = {
    ps: async () => status(),
    logs: () =>
      new Feed<readonly LogLine[]>().fail(
        new LoopyardError('USAGE', { reason: '--grep: bad', fix: 'mend it' }),
      ),
  };
  const { code, stderr } = await lo(['logs', '--grep', '('], { answers });
  assert.equal(code, 2);
  assert.match(stderr, /error\[USAGE\]: --grep: bad/);
});
