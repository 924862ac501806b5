/** Links in the pure parts: which there are, and whom they hold back. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type EnvironmentEvent,
  type EnvironmentState,
  newEnvironment,
  stepEnvironment,
} from '../../src/core/environment.ts';
import type { Fault } from '../../src/core/fault.ts';
import { type LinkReach, linkSpecs, OPEN, WAITING } from '../../src/core/links.ts';
import { DEFAULT_RESTART, type Need, type Service } from '../../src/core/model.ts';
import { FaultBook } from '../../src/daemon/links/fault-book.ts';

function service(
  name: string,
  needs: readonly Need[] = [],
  ports: Readonly<Record<string, number>> = {},
): Service {
  return {
    name,
    command: { kind: 'exec', argv: [] },
    cwd: '/',
    endpoints: Object.entries(ports).map(([endpoint, port]) => ({ name: endpoint, protocol: 'tcp', port })),
    needs,
    env: {},
    envFiles: [],
    ready: null,
    restart: DEFAULT_RESTART,
    stop: {},
    task: false,
    bind: 'lease',
    data: null,
  };
}

function need(name: string, change: Partial<Need> = {}): Need {
  return { service: name, until: 'ready', direct: false, ...change };
}

function fault(name: string, until: number | null = null): Fault {
  return { name, kind: 'latency', direction: 'down', settings: { delay: 1 }, probability: 1, seed: 1, until };
}

class Rig {
  state: EnvironmentState;
  readonly #launched: string[] = [];

  constructor(services: readonly Service[], links: Readonly<Record<string, LinkReach>>) {
    this.state = newEnvironment(services, 0, new Map(), new Map(Object.entries(links)));
  }

  send(event: EnvironmentEvent): this {
    const step = stepEnvironment(this.state, event, 0);
    this.state = step.state;
    for (const effect of step.effects) if (effect.type === 'launch') this.#launched.push(effect.service);
    return this;
  }

  ready(name: string): this {
    const run = this.state.lives.get(name)?.runs ?? 0;
    return this.send({ type: 'service', service: name, event: { type: 'proven', run, how: 'ready' } });
  }

  links(links: Readonly<Record<string, LinkReach>>): this {
    return this.send({ type: 'links', links: new Map(Object.entries(links)) });
  }

  launched(): readonly string[] {
    return this.#launched.splice(0);
  }

  at(name: string): string | undefined {
    return this.state.lives.get(name)?.life.state;
  }
}

const PAIR = [service('db', [], { tcp: 5432 }), service('api', [need('db')])];

test('a dependent waits for its link as well as for its need', () => {
  const rig = new Rig(PAIR, { 'api:db': WAITING }).send({ type: 'start', services: ['api'] });
  assert.deepEqual(rig.launched(), ['db']);
  assert.deepEqual(rig.ready('db').launched(), []);
  assert.equal(rig.at('api'), 'pending');
  assert.deepEqual(rig.links({ 'api:db': OPEN }).launched(), ['api']);
  // What runs stays, whatever becomes of the link.
  assert.equal(rig.ready('api').links({ 'api:db': WAITING }).at('api'), 'ready');
});

test('a link that cannot be had skips who needs it, with the reason, until it can', () => {
  const rig = new Rig(PAIR, { 'api:db': WAITING }).send({ type: 'start', services: ['api'] }).ready('db');
  rig.links({ 'api:db': { state: 'failed', reason: 'EADDRINUSE' } });
  const life = rig.state.lives.get('api')?.life;
  assert.deepEqual(life, { state: 'skipped', reason: 'the link api:db cannot be opened: EADDRINUSE' });
  rig.launched();
  assert.deepEqual(rig.links({ 'api:db': OPEN }).launched(), ['api']);
});

test('what the project does not run is waited for by its link alone', () => {
  const rig = new Rig([service('api', [need('pay')])], { 'api:pay': WAITING });
  assert.deepEqual(rig.send({ type: 'start', services: ['api'] }).launched(), []);
  assert.deepEqual(rig.links({ 'api:pay': OPEN }).launched(), ['api']);
  const direct = new Rig([service('api', [need('pay', { direct: true })])], {});
  assert.deepEqual(direct.send({ type: 'start', services: ['api'] }).launched(), ['api']);
});

test('one link for each endpoint of each need that wants one; own faults stand in for those of the service', () => {
  const db: Service = {
    ...service('db', [], { http: 5432, metrics: 9100 }),
    faults: [fault('latency'), fault('thin')],
  };
  const specs = linkSpecs([
    db,
    service('api', [need('db', { faults: [{ ...fault('latency'), seed: 7 }] })]),
    service('tool', [need('db', { direct: true })]),
    service('job', [need('db', { until: 'completed' })]),
    service('web', [need('api')]),
  ]);
  assert.deepEqual(
    specs.map(({ name, port, faults }) => [
      name,
      port,
      faults.map(({ name: one, seed }) => `${one} ${seed}`),
    ]),
    [
      ['api:db', 5432, ['thin 1', 'latency 7']],
      ['api:db/metrics', 9100, ['thin 1', 'latency 7']],
    ],
  );
});

test('the book of faults: added ones replace, removed ones stay away, those that are over are not told', () => {
  const configured = [fault('a'), fault('b')];
  const names = (book: FaultBook, now: number): string =>
    book
      .of('l', configured, now)
      .map(({ name }) => name)
      .join();
  const book = new FaultBook({});
  assert.equal(names(book, 0), 'a,b');
  book.add('l', fault('c', 100), 0);
  book.add('l', fault('a'), 0);
  assert.equal(names(book, 50), 'b,c,a');
  assert.equal(names(book, 100), 'b,a');
  book.remove('l', ['a', 'b'], configured);
  assert.equal(names(book, 50), 'c');
  assert.equal(names(new FaultBook(book.record), 50), 'c');
  book.forget();
  assert.equal(names(book, 50), 'a,b');
});
