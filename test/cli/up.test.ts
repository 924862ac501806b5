/** `lo up --detach` and `lo up` without a config, with a fake daemon. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { UpRequest } from '../../src/core/api.ts';
import type { Outcome, WatchEvent } from '../../src/core/status.ts';
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
} from '../support/fake-workbench.ts';
import { lo } from './rig.ts';

const ENDPOINTS = [endpoint('127.64.12.2', 3000)];
const STARTING = service('api', { state: 'starting', startupMs: null, endpoints: ENDPOINTS });
const READY = service('api', { endpoints: ENDPOINTS });
const FAILED = service('api', { state: 'failed', pid: null, reason: 'exited with code 3' });
const BAD: Outcome['bad'][number] = {
  service: 'api',
  state: 'failed',
  reason: 'exited with code 3',
  warnings: [],
  tail: ['cannot find the moon'],
  log: '/state/logs/api.log',
};

const FILE = ['-f', '/work/shop/loopyard.yaml'];

test('detached: returns when ready, with the addresses', async () => {
  const answers: Answers = { up: () => feedOf(snapshot(STARTING), change(READY), settled()) };
  for (const flag of ['--detach', '-d', '--wait']) {
    const { code, stdout, calls } = await lo(['up', 'api', flag, ...FILE], { answers });
    assert.equal(code, 0);
    assert.equal(stdout, 'api  ready      http://127.64.12.2:3000  400ms\n');
    const { owner, untilSettled, services } = upRequest(calls);
    assert.deepEqual([owner, untilSettled, services], ['none', true, ['api']]);
  }
});

test('detached --json: one event a line, and the error at the end', async () => {
  const answers: Answers = { up: () => feedOf(snapshot(STARTING), change(FAILED), settled(BAD)) };
  const { code, stdout } = await lo(['up', '--detach', '--json', ...FILE], { answers });
  assert.equal(code, 1);
  const documents = stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text) as { schema: number; type?: string; error?: { code: string } });
  assert.deepEqual(
    documents.map((document) => document.type ?? document.error?.code),
    ['snapshot', 'service', 'settled', 'NOT_READY'],
  );
  assert.ok(documents.every((document) => document.schema === 1));
});

test('detached with --timeout: says who is not ready and why', async () => {
  const waiting = service('web', { state: 'pending', reason: 'waits for api', pid: null });
  const answers: Answers = {
    up: () => new Feed<WatchEvent>().push(snapshot(STARTING, waiting, service('db'))),
  };
  const { code, stderr } = await lo(['up', '--detach', '--timeout', '20ms', ...FILE], { answers });
  assert.equal(code, 1);
  assert.match(stderr, /api starting: after 20ms/);
  assert.match(stderr, /web pending: waits for api/);
  assert.match(stderr, /2 services are not ready: api, web/);
});

function project(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'up-'));
  t.after(() => rmSync(directory, { recursive: true }));
  writeFileSync(
    join(directory, 'package.json'),
    JSON.stringify({ name: 'shop', scripts: { dev: 'node server.js' } }),
  );
  return directory;
}

test('without a config and without a terminal: an error that names lo init', async (t) => {
  const { code, stderr, calls } = await lo(['up'], { directory: project(t) });
  assert.equal(code, 2);
  assert.match(stderr, /error\[CONFIG_NOT_FOUND\][\s\S]*lo init/);
  assert.equal(calls.length, 0);
});

test('without a config in a terminal: shows what init would write and asks', async (t) => {
  const directory = project(t);
  const no = await lo(['up', '--detach'], { directory, terminal: 80, input: 'n\n' });
  assert.deepEqual([no.code, no.calls.length], [1, 0]);
  assert.match(no.stderr, /services:[\s\S]*npm run dev[\s\S]*Write it and go on\? \[y\/N\]/);
  const answers: Answers = { up: () => feedOf(snapshot(READY), settled()) };
  const yes = await lo(['up', '--detach'], { directory, terminal: 80, input: 'yes\n', answers });
  assert.deepEqual([yes.code, yes.calls.length], [0, 1]);
  assert.match(readFileSync(join(directory, 'loopyard.yaml'), 'utf8'), /npm run dev/);
});

test('up --environment takes the config of the environment, wherever it is called', async () => {
  const answers: Answers = {
    ps: async () => ({ ...(snapshot(READY) as Extract<WatchEvent, { type: 'snapshot' }>).status }),
    up: () => feedOf(snapshot(READY), settled()),
  };
  const { code, calls } = await lo(['up', '-d', '--environment', 'shop-1'], { answers });
  assert.equal(code, 0);
  const { directory, file } = upRequest(calls);
  assert.deepEqual([directory, file], ['/work/shop', '/work/shop/loopyard.yaml']);
});

function upRequest(calls: readonly Call[]): UpRequest {
  const call = calls.find(({ route }) => route === 'up');
  assert.ok(call, 'up was not asked for');
  return call.request as UpRequest;
}
