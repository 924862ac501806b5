import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauseAfter } from '../../src/core/pacing.ts';
import { Pace } from '../../src/daemon/pace.ts';

test('the pause grows with the work, from the least to the longest', () => {
  const pacing = { least: 25, longest: 250, rest: 10 };
  assert.deepEqual(
    [0, 2, 5, 20, 1000].map((ms) => pauseAfter(ms, pacing)),
    [25, 25, 50, 200, 250],
  );
});

test('links go ahead without the routes that wait, and what waits goes together', async (t) => {
  // A machine that stands still for the pause would mix what is told at once with what waits.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const told: boolean[] = [];
  const pace = new Pace((withRoutes) => told.push(withRoutes));
  t.after(() => pace.drop());
  pace.later();
  pace.later();
  pace.soon();
  pace.soon();
  await new Promise(setImmediate);
  assert.deepEqual([told, pace.isWaiting], [[false], true]);
  pace.soon();
  pace.now();
  assert.deepEqual([told, pace.isWaiting], [[false, true], false]);
  pace.now();
  pace.later();
  pace.soon();
  pace.drop();
  assert.deepEqual([told, pace.isWaiting], [[false, true], false]);
});
