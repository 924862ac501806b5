/** The list of faults as data: complete enough for a form, a schema and a refusal before any byte flows. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fault, FaultKind } from '../../../src/core/fault.ts';
import { FAULTS } from '../../../src/gateway/faults/all.ts';

test('ten kinds, each with a name of its own, words, and settings that agree with themselves', () => {
  assert.deepEqual(FAULTS.map(({ name }) => name).join(' '), NAMES);
  for (const kind of FAULTS) {
    assert.match(kind.summary, /^[A-Z].*\.$/, kind.name);
    if (kind.main !== null)
      assert.ok(
        kind.settings.some(({ name }) => name === kind.main),
        kind.name,
      );
    assert.equal(kind.example.split(/[= ]/)[0], kind.name);
    for (const setting of kind.settings) {
      assert.match(setting.name, /^[a-z]+$/);
      assert.match(setting.summary, /\.$/);
      assert.equal(setting.choices !== undefined, setting.unit === 'choice', setting.name);
      if (typeof setting.fallback === 'string') assert.ok(setting.choices?.includes(setting.fallback));
      if (typeof setting.fallback === 'number') assert.ok(setting.fallback >= (setting.least ?? 0));
      if (setting.unit !== 'choice') assert.notEqual(setting.least, undefined);
    }
  }
});

test('settings that contradict each other, do nothing or never end are told in sentences', () => {
  const cases: readonly (readonly [string, Fault['settings'], RegExp | null])[] = [
    ['latency', { delay: 0, jitter: 0, distribution: 'uniform' }, /both 0/],
    ['latency', { delay: 86_400_001, jitter: 0, distribution: 'uniform' }, /longer than a day/],
    ['latency', { delay: 0, jitter: 5, distribution: 'normal' }, null],
    ['slicer', { size: 10, variation: 10, delay: 0 }, /less than size/],
    ['slicer', { size: 10, variation: 9, delay: 0 }, null],
    ['corrupt', { share: 0 }, /nothing would change/],
    ['corrupt', { share: 1.5 }, /more than 1/],
    ['corrupt', { share: 1 }, null],
    ['timeout', { after: 1e9, clock: 'idle' }, /longer than a day/],
    ['reset', { after: 1e9, from: 'data' }, /longer than a day/],
    ['stall', { delay: 1e9 }, /longer than a day/],
    ['slow-close', { delay: 1e9 }, /longer than a day/],
  ];
  for (const [name, settings, words] of cases) {
    const told = kind(name).check?.(settings) ?? [];
    if (words === null) assert.deepEqual(told, [], name);
    else assert.match(told.join(), words, name);
  }
});

const NAMES = 'latency bandwidth timeout reset refuse stall slow-close slicer limit corrupt';

function kind(name: string): FaultKind {
  const found = FAULTS.find((one) => one.name === name);
  assert.ok(found, name);
  return found;
}
