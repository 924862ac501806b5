/** When a request is settled: played on the pure machine, without processes. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type EnvironmentState, newEnvironment } from '../../src/core/environment.ts';
import { type Life, newLife, type ServiceLife } from '../../src/core/lifecycle.ts';
import type { NeedUntil, Service } from '../../src/core/model.ts';
import { STEADY_AFTER_MS, towardsDown, towardsUp } from '../../src/daemon/settle.ts';

const NOW = 10_000;
const failed: Life = { state: 'failed', reason: 'x' };
const unready: Life = { state: 'unready', run: 1, reason: 'x' };

/** `db`, `api` needs `db`, `web` needs `api`; `job` is a task. */
function state(
  lives: Readonly<Record<string, Life>>,
  over: Partial<ServiceLife> = {},
  until: NeedUntil = 'ready',
): EnvironmentState {
  const need = (service: string) => ({ service, until, direct: false });
  const services = [
    { name: 'db', needs: [] },
    { name: 'api', needs: [need('db')] },
    { name: 'web', needs: [need('api')] },
    { name: 'job', needs: [], task: true },
  ] as unknown as readonly Service[];
  const known = Object.entries(lives).map(
    ([name, life]) => [name, { ...newLife(0), wanted: 'up', life, ...over }] as const,
  );
  return newEnvironment(services, 0, new Map(known));
}

function up(life: Life, over: Partial<ServiceLife> = {}, name = 'db'): string {
  return towardsUp(state({ [name]: life }, over), name, NOW);
}

test('up: ready and completed are good, ends are bad, what is on its way is not yet', () => {
  assert.equal(up({ state: 'ready', run: 1 }), 'good');
  assert.equal(up({ state: 'completed' }), 'good');
  for (const name of ['stopped', 'failed', 'skipped', 'lost'] as const)
    assert.equal(up({ state: name, reason: 'x' }), 'bad', name);
  assert.equal(up({ state: 'idle' }), 'bad');
  assert.equal(up(unready), 'bad');
  for (const life of [
    { state: 'starting', run: 1 },
    { state: 'pending' },
    { state: 'backoff', until: 1, reason: 'x' },
    { state: 'stopping', run: 1, ended: null },
  ] as const)
    assert.equal(up(life), 'not-yet', life.state);
  assert.equal(towardsUp(state({}), 'nobody', NOW), 'bad');
});

test('up: what runs and proves nothing must live for a moment; a task must end', () => {
  const running: Life = { state: 'running', run: 1 };
  assert.equal(up(running, { launchedAt: NOW - STEADY_AFTER_MS + 1 }), 'not-yet');
  assert.equal(up(running, { launchedAt: NOW - STEADY_AFTER_MS }), 'good');
  assert.equal(up(running, { launchedAt: 0 }, 'job'), 'not-yet');
});

test('up: a run that is to be replaced is not yet the answer', () => {
  assert.equal(up({ state: 'ready', run: 1 }, { wanted: 'again' }), 'not-yet');
  assert.equal(up({ state: 'running', run: 1 }, { wanted: 'again' }), 'not-yet');
});

test('up: who waits for an unready one waits for good, at any distance; for others it does not', () => {
  const waiting = { api: { state: 'pending' }, web: { state: 'pending' } } as const;
  for (const name of ['api', 'web']) {
    assert.equal(towardsUp(state({ db: unready, ...waiting }), name, NOW), 'bad', name);
    assert.equal(towardsUp(state({ db: { state: 'starting', run: 1 }, ...waiting }), name, NOW), 'not-yet');
  }
  const beside = state({ job: unready, db: { state: 'starting', run: 1 }, ...waiting });
  assert.equal(towardsUp(beside, 'web', NOW), 'not-yet');
  assert.equal(towardsUp(state({ db: unready, api: waiting.api }, {}, 'started'), 'api', NOW), 'not-yet');
});

test('down: nothing lives and nothing is to come', () => {
  const down = (life: Life): string => towardsDown(state({ db: life }), 'db');
  for (const life of [{ state: 'idle' }, { state: 'completed' }, failed] as const)
    assert.equal(down(life), 'good', life.state);
  for (const life of [
    { state: 'pending' },
    { state: 'backoff', until: 1, reason: 'x' },
    { state: 'stopping', run: 1, ended: null },
    { state: 'ready', run: 1 },
    unready,
  ] as const)
    assert.equal(down(life), 'not-yet', life.state);
  assert.equal(towardsDown(state({}), 'nobody'), 'good');
});
