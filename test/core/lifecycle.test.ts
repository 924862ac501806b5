/** The life of one service: every bug class of other supervisors that the machine must not have is a test here. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  currentRun,
  type LifeEffect,
  type LifeEvent,
  type LifeRules,
  newLife,
  type ServiceLife,
  STABLE_AFTER_MS,
  step,
} from '../../src/core/lifecycle.ts';
import { DEFAULT_RESTART, NO_RESTART } from '../../src/core/model.ts';

const SERVICE: LifeRules = { task: false, restart: DEFAULT_RESTART };
const TASK: LifeRules = { task: true, restart: NO_RESTART };

/** Plays events one after another and keeps all effects. */
function play(
  events: readonly (LifeEvent | number)[],
  rules = SERVICE,
): { life: ServiceLife; effects: LifeEffect[] } {
  let life = newLife(0);
  let now = 0;
  const effects: LifeEffect[] = [];
  for (const event of events) {
    if (typeof event === 'number') {
      now += event;
      continue;
    }
    const [next, caused] = step(life, event, now, rules);
    life = next;
    effects.push(...caused);
  }
  return { life, effects };
}

const START: LifeEvent = { type: 'start' };
const MET: LifeEvent = { type: 'needs-met' };
const STOP: LifeEvent = { type: 'stop' };
const RELEASE: LifeEvent = { type: 'release', force: false };
const ready = (run: number): LifeEvent => ({ type: 'proven', run, how: 'ready' });
const gone = (run: number): LifeEvent => ({ type: 'gone', run });
const exited = (run: number, code: number, at = 0): LifeEvent => ({
  type: 'exited',
  run,
  exit: { code, signal: null, at },
});

test('start, launch, ready', () => {
  const { life, effects } = play([START, MET, ready(1)]);
  assert.equal(life.life.state, 'ready');
  assert.deepEqual(effects, [{ type: 'launch', run: 1 }]);
});

test('a stop during a wait for needs ends the wait, and a late needs-met launches nothing', () => {
  const { life, effects } = play([START, STOP, MET]);
  assert.equal(life.life.state, 'stopped');
  assert.deepEqual(effects, []);
});

test('a stop while starting ends the run; its late readiness is not taken for readiness', () => {
  const { life, effects } = play([START, MET, STOP, RELEASE, ready(1), gone(1)]);
  assert.equal(life.life.state, 'stopped');
  assert.deepEqual(
    effects.map((effect) => effect.type),
    ['launch', 'end'],
  );
});

test('what is said of an earlier incarnation is ignored', () => {
  const { life } = play([START, MET, exited(1, 1), gone(1), { type: 'wake' }, MET, ready(1)]);
  assert.equal(currentRun(life.life), 2);
  assert.equal(life.life.state, 'starting');
});

test('a restart asked for while it is being stopped by a stop comes up again', () => {
  const { life } = play([START, MET, ready(1), STOP, RELEASE, START, gone(1)]);
  assert.equal(life.life.state, 'pending');
  assert.equal(life.wanted, 'up');
});

test('a stop asked for during a restart wins', () => {
  const { life } = play([START, MET, ready(1), { type: 'restart' }, RELEASE, STOP, gone(1)]);
  assert.equal(life.life.state, 'stopped');
});

test('a restart while parked on needs starts one run, not two', () => {
  const { life, effects } = play([START, { type: 'restart' }, MET, MET]);
  assert.equal(life.runs, 1);
  assert.equal(effects.filter((effect) => effect.type === 'launch').length, 1);
});

test('quick failures back off, doubling, then are given up', () => {
  const events: (LifeEvent | number)[] = [START];
  for (let run = 1; run <= 6; run += 1) events.push(MET, exited(run, 1), gone(run), { type: 'wake' });
  const { life, effects } = play(events);
  assert.equal(life.life.state, 'failed');
  assert.match(life.life.state === 'failed' ? life.life.reason : '', /exited with code 1, 6 times in a row/);
  const pauses = effects.flatMap((effect) => (effect.type === 'wake-at' ? [effect.at] : []));
  assert.deepEqual(pauses, [100, 200, 400, 800, 1600]);
  assert.equal(life.restarts, 5);
});

test('a run that was stable resets the count of failures', () => {
  const { life } = play([
    START,
    MET,
    exited(1, 1),
    gone(1),
    { type: 'wake' },
    MET,
    exited(2, 1, STABLE_AFTER_MS + 1),
    gone(2),
  ]);
  assert.equal(life.life.state, 'backoff');
  assert.equal(life.failures, 1);
});

test('a task that ends with 0 is completed only when nothing of it is left', () => {
  assert.equal(play([START, MET, exited(1, 0)], TASK).life.life.state, 'stopping');
  assert.equal(play([START, MET, exited(1, 0), gone(1)], TASK).life.life.state, 'completed');
  assert.equal(play([START, MET, exited(1, 2), gone(1)], TASK).life.life.state, 'failed');
});

test('an exit that is told before the launch is known keeps its code', () => {
  const { life } = play([START, MET, exited(1, 7), gone(1)], { task: false, restart: NO_RESTART });
  assert.equal(life.exit?.code, 7);
  assert.equal(life.life.state, 'failed');
});

test('a service that lost its proof may prove itself again', () => {
  const unproven: LifeEvent = { type: 'unproven', run: 1, reason: 'not ready after 60s' };
  assert.equal(play([START, MET, unproven]).life.life.state, 'unready');
  assert.equal(play([START, MET, unproven, ready(1)]).life.life.state, 'ready');
});

test('random events never leave two runs alive, nor launch what is not wanted', () => {
  const random = randomOf(42);
  let launches = 0;
  for (let round = 0; round < 300; round += 1) {
    const fuzz = new Fuzz();
    for (let index = 0; index < 60; index += 1) fuzz.take(randomEvent(random, fuzz.life), index);
    launches += fuzz.launches;
  }
  assert.ok(launches > 300, `only ${launches} launches: the events no longer reach the machine`);
});

/** Checks what must hold after every step. */
class Fuzz {
  life: ServiceLife = newLife(0);
  launches = 0;
  readonly #alive = new Set<number>();

  take(event: LifeEvent, now: number): void {
    const [next, effects] = step(this.life, event, now, SERVICE);
    const over = 'run' in event && ['gone', 'launch-failed', 'lost'].includes(event.type);
    if (over && currentRun(next.life) !== event.run) this.#alive.delete(event.run);
    for (const effect of effects) {
      if (effect.type !== 'launch') continue;
      assert.equal(next.wanted, 'up', `launched while ${next.wanted}`);
      assert.equal(this.#alive.size, 0, `run ${effect.run} launched while ${[...this.#alive]} lives`);
      this.#alive.add(effect.run);
      this.launches += 1;
    }
    this.life = next;
  }
}

function randomEvent(random: (below: number) => number, life: ServiceLife): LifeEvent {
  const run = Math.max(1, life.runs - random(2));
  const events: readonly LifeEvent[] = [
    START,
    START,
    MET,
    MET,
    STOP,
    RELEASE,
    ready(run),
    exited(run, random(2)),
    gone(run),
    { type: 'wake' },
    { type: 'restart' },
    { type: 'release', force: true },
    { type: 'needs-broken', reason: 'x' },
    { type: 'unproven', run, reason: 'x' },
    { type: 'launch-failed', run, reason: 'x' },
    { type: 'lost', run, reason: 'x' },
  ];
  return events[random(events.length)] ?? START;
}

/** A plain linear congruence: the same events in every run of the test. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >>> 8) % below;
  };
}
