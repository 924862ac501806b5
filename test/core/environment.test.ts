/** Several services together: countdown of needs, reverse stop, late dependents. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type EnvironmentEffect,
  type EnvironmentEvent,
  type EnvironmentState,
  newEnvironment,
  stepEnvironment,
} from '../../src/core/environment.ts';
import type { LifeEvent } from '../../src/core/lifecycle.ts';
import { DEFAULT_RESTART, type NeedUntil, NO_RESTART, type Service } from '../../src/core/model.ts';

function service(name: string, needs: Readonly<Record<string, NeedUntil>> = {}, task = false): Service {
  return {
    name,
    command: { kind: 'exec', argv: [] },
    cwd: '/',
    endpoints: [],
    needs: Object.entries(needs).map(([target, until]) => ({ service: target, until, direct: false })),
    env: {},
    envFiles: [],
    ready: null,
    restart: task ? NO_RESTART : DEFAULT_RESTART,
    stop: {},
    task,
    bind: 'lease',
    data: null,
  };
}

class Rig {
  state: EnvironmentState;
  effects: EnvironmentEffect[] = [];

  constructor(...services: Service[]) {
    this.state = newEnvironment(services, 0);
  }

  send(event: EnvironmentEvent): this {
    const step = stepEnvironment(this.state, event, 0);
    this.state = step.state;
    this.effects.push(...step.effects);
    return this;
  }

  tell(name: string, event: LifeEvent): this {
    return this.send({ type: 'service', service: name, event });
  }

  ready(name: string): this {
    return this.tell(name, { type: 'proven', run: this.run(name), how: 'ready' });
  }

  exit(name: string, code: number): this {
    this.tell(name, { type: 'exited', run: this.run(name), exit: { code, signal: null, at: 0 } });
    return this.tell(name, { type: 'gone', run: this.run(name) });
  }

  gone(name: string): this {
    return this.tell(name, { type: 'gone', run: this.run(name) });
  }

  run(name: string): number {
    return this.state.lives.get(name)?.runs ?? 0;
  }

  at(name: string): string {
    return this.state.lives.get(name)?.life.state ?? 'missing';
  }

  /** `launch db`, `end api` … since the last call. */
  said(): string[] {
    return this.effects.splice(0).map((effect) => `${effect.type} ${effect.service}`);
  }
}

const SHOP = [
  service('db'),
  service('migrate', { db: 'ready' }, true),
  service('api', { db: 'ready', migrate: 'completed' }),
  service('web', { api: 'ready' }),
];

test('starts what is asked for and all that it needs, each as soon as its own needs are met', () => {
  const rig = new Rig(...SHOP).send({ type: 'start', services: ['web'] });
  assert.deepEqual(rig.said(), ['launch db']);
  assert.deepEqual(rig.ready('db').said(), ['launch migrate']);
  assert.deepEqual(rig.exit('migrate', 0).said(), ['sweep migrate', 'launch api']);
  assert.deepEqual(rig.ready('api').said(), ['launch web']);
});

test('stops in reverse: nothing is signalled while something that also stops stands on it', () => {
  const rig = new Rig(...SHOP).send({ type: 'start', services: ['web'] });
  rig.ready('db').exit('migrate', 0).ready('api').ready('web').said();
  rig.send({ type: 'stop', services: ['db', 'migrate', 'api', 'web'], force: false });
  assert.deepEqual(rig.said(), ['end web']);
  assert.deepEqual(rig.gone('web').said(), ['end api']);
  assert.deepEqual(rig.gone('api').said(), ['end db']);
  rig.gone('db');
  assert.deepEqual(
    ['db', 'api', 'web'].map((name) => rig.at(name)),
    ['stopped', 'stopped', 'stopped'],
  );
});

test('force ends everything at once, also what is being stopped already', () => {
  const rig = new Rig(...SHOP).send({ type: 'start', services: ['web'] });
  rig.ready('db').exit('migrate', 0).ready('api').ready('web').said();
  rig.send({ type: 'stop', services: ['db', 'api', 'web'], force: false }).said();
  rig.send({ type: 'stop', services: ['db', 'api', 'web'], force: true });
  const forced = rig.effects
    .filter((effect) => effect.type === 'end' && effect.force)
    .map((effect) => effect.service);
  assert.deepEqual(forced.sort(), ['api', 'db', 'web']);
});

test('stopping one service leaves its dependents running', () => {
  const rig = new Rig(...SHOP).send({ type: 'start', services: ['web'] });
  rig.ready('db').exit('migrate', 0).ready('api').ready('web').said();
  assert.deepEqual(rig.send({ type: 'stop', services: ['db'], force: false }).said(), ['end db']);
  assert.equal(rig.at('api'), 'ready');
});

test('a failed need skips its dependents with the reason, and its later success brings them up', () => {
  const rig = new Rig(...SHOP).send({ type: 'start', services: ['web'] });
  rig.ready('db').exit('migrate', 1);
  assert.deepEqual(
    ['migrate', 'api', 'web'].map((name) => rig.at(name)),
    ['failed', 'skipped', 'skipped'],
  );
  rig.said();
  rig.send({ type: 'start', services: ['migrate'] });
  assert.deepEqual(rig.said(), ['launch migrate']);
  assert.deepEqual(rig.exit('migrate', 0).said(), ['sweep migrate', 'launch api']);
});

test('a transient loss of readiness keeps late dependents waiting, not skipped', () => {
  const rig = new Rig(...SHOP).send({ type: 'start', services: ['db'] });
  rig.ready('db').tell('db', { type: 'unproven', run: 1, reason: 'x' });
  rig.send({ type: 'start', services: ['migrate'] }).said();
  assert.equal(rig.at('migrate'), 'pending');
  assert.deepEqual(rig.ready('db').said(), ['launch migrate']);
});

test('a restart of the whole goes down in reverse and waits for the new needs, not for the old ones', () => {
  const rig = new Rig(service('db'), service('api', { db: 'ready' })).send({
    type: 'start',
    services: ['api'],
  });
  rig.ready('db').ready('api').said();
  rig.send({ type: 'restart', services: ['db', 'api'] });
  assert.deepEqual(rig.said(), ['end api']);
  assert.deepEqual(rig.gone('api').said(), ['end db']);
  assert.equal(rig.at('api'), 'pending');
  assert.deepEqual(rig.gone('db').said(), ['launch db']);
  assert.deepEqual(rig.ready('db').said(), ['launch api']);
});

test('a need that was not asked to start is waited for, and one that was stopped breaks the wait', () => {
  const rig = new Rig(service('db'), service('api', { db: 'ready' })).send({
    type: 'start',
    services: ['api'],
  });
  rig.send({ type: 'stop', services: ['db'], force: false }).gone('db');
  assert.equal(rig.at('db'), 'stopped');
  assert.equal(rig.at('api'), 'skipped');
});

test('a chain of 300 settles in one event each, in order', () => {
  const names = Array.from({ length: 300 }, (_, index) => `s${index}`);
  const chain = names.map((name, index) => service(name, index === 0 ? {} : { [`s${index - 1}`]: 'ready' }));
  const rig = new Rig(...chain).send({ type: 'start', services: ['s299'] });
  for (const name of names) rig.ready(name);
  assert.deepEqual(
    rig.said(),
    names.map((name) => `launch ${name}`),
  );
});
