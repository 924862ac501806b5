/** Faults as they are typed: every mistake is one sentence with what was meant, and what is right comes out whole. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFault, type FaultWords, showFault } from '../../src/core/fault-words.ts';
import { FAULTS } from '../../src/gateway/faults/all.ts';

const FACTS = { now: 1000, seed: 42 };

function check(words: Partial<FaultWords> & Pick<FaultWords, 'kind'>): ReturnType<typeof checkFault> {
  return checkFault({ settings: {}, ...words }, FAULTS, FACTS);
}

test('a right one has every setting, its own direction, and ends when it was told to', () => {
  const checked = check({ kind: 'latency', value: '1.5s', settings: { jitter: '50ms' }, for: '30s' });
  assert.deepEqual(checked, {
    ok: true,
    fault: {
      name: 'latency',
      kind: 'latency',
      direction: 'down',
      settings: { delay: 1500, jitter: 50, distribution: 'uniform' },
      probability: 1,
      seed: 42,
      until: 31_000,
    },
  });
  assert.equal(checked.ok && showFault(checked.fault, FAULTS), 'latency=1500ms jitter=50ms');
  const thin = check({
    kind: 'bandwidth',
    settings: { rate: '2MB/s' },
    probability: '12.5%',
    seed: '7',
    direction: 'both',
    name: 'thin',
  });
  assert.ok(thin.ok);
  assert.deepEqual(
    [thin.fault.name, thin.fault.probability, thin.fault.seed, thin.fault.direction],
    ['thin', 0.125, 7, 'both'],
  );
  assert.equal(showFault(thin.fault, FAULTS), 'bandwidth=2MB/s');
});

test('every kind is right as its own example says, and shows as what can be typed again', () => {
  for (const kind of FAULTS) {
    const [first = '', ...more] = kind.example.split(' ');
    const halves = (word: string): [string, string] => [
      word.split('=')[0] ?? '',
      word.split('=').slice(1).join('='),
    ];
    const [name, value] = halves(first);
    const words = {
      kind: name,
      ...(value === '' ? {} : { value }),
      settings: Object.fromEntries(more.map(halves)),
    };
    const checked = check(words);
    assert.ok(checked.ok, `${kind.example}: ${JSON.stringify(checked)}`);
    const [again = '', ...rest] = showFault(checked.fault, FAULTS).split(' ');
    const [, shown] = halves(again);
    const second = check({
      kind: kind.name,
      ...(shown === '' ? {} : { value: shown }),
      settings: Object.fromEntries(rest.map(halves)),
    });
    assert.deepEqual(second, checked, kind.example);
  }
});

test('what is wrong is told once, with what was meant', () => {
  const wrong: readonly (readonly [Partial<FaultWords> & Pick<FaultWords, 'kind'>, RegExp])[] = [
    [{ kind: 'latncy', value: '1s' }, /kind .*there is no fault `latncy` did you mean `latency`/],
    [{ kind: 'x' }, /the faults are: latency, bandwidth, /],
    [
      { kind: 'latency', value: '200' },
      /value delay of latency: expected a duration such as 200ms or 1s, got `200`/,
    ],
    [{ kind: 'latency', value: '-200ms' }, /got `-200ms`/],
    [{ kind: 'latency' }, /latency needs its delay for example `latency=/],
    [{ kind: 'latency', value: '1s', settings: { delay: '1s' } }, /delay of latency is given twice/],
    [
      { kind: 'latency', value: '1s', settings: { jiter: '1s' } },
      /jiter latency has no setting `jiter` did you mean `jitter`/,
    ],
    [{ kind: 'latency', value: '1s', settings: { distribution: 'norml' } }, /did you mean `normal`/],
    [{ kind: 'bandwidth', value: '-1MB/s' }, /rate of bandwidth: expected a rate.* got `-1MB\/s`/],
    [{ kind: 'bandwidth', value: '1MB' }, /expected a rate such as 64KB\/s or 1MB\/s, got `1MB`/],
    [{ kind: 'slicer', value: '0' }, /size of slicer is at least 1B, got `0`/],
    [{ kind: 'slicer', value: '10B', settings: { variation: '20B' } }, /variation must be less than size/],
    [
      { kind: 'latency', value: '1s', direction: 'dwn' },
      /direction: expected `up`, `down` or `both`, got `dwn` did you mean `down`/,
    ],
    [{ kind: 'latency', value: '1s', probability: '2' }, /share from 0 to 1/],
    [{ kind: 'latency', value: '1s', probability: '-0.5' }, /share from 0 to 1/],
    [{ kind: 'latency', value: '1s', for: '3' }, /for: expected a duration/],
    [{ kind: 'latency', value: '1s', for: '0s' }, /for: expected a duration/],
    [{ kind: 'latency', value: '1s', seed: '4294967296' }, /whole number from 0 to 4294967295/],
    [{ kind: 'latency', value: '1s', name: 'A b' }, /is no name for a fault/],
    [{ kind: 'refuse', value: '1s' }, /refuse takes no value/],
  ];
  for (const [words, said] of wrong) {
    const checked = check(words);
    assert.ok(!checked.ok, JSON.stringify(words));
    assert.equal(checked.problems.length, 1, JSON.stringify(checked.problems));
    assert.match(
      checked.problems.map(({ part, message, hint }) => `${part} ${message} ${hint}`).join(),
      said,
    );
  }
});

test('several mistakes are all told', () => {
  const checked = check({ kind: 'latency', value: 'x', direction: 'y', probability: 'z' });
  assert.ok(!checked.ok);
  assert.deepEqual(
    checked.problems.map(({ part }) => part),
    ['value', 'direction', 'probability'],
  );
});
