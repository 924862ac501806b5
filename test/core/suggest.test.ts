/** "Did you mean": near words are found, far ones are not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { suggest } from '../../src/core/suggest.ts';

const KEYS = [
  'run',
  'use',
  'with',
  'cwd',
  'port',
  'needs',
  'env',
  'env-file',
  'ready',
  'restart',
  'stop',
  'task',
  'bind',
  'data',
];

const CASES: readonly (readonly [word: string, expected: string | undefined])[] = [
  ['prot', 'port'],
  ['ports', 'port'],
  ['redy', 'ready'],
  ['raedy', 'ready'],
  ['Restart', 'restart'],
  ['env_file', 'env-file'],
  ['envfile', 'env-file'],
  ['rn', 'run'],
  ['restrat', 'restart'],
  ['command', undefined],
  ['x', undefined],
  ['', undefined],
  ['volumes', undefined],
];

for (const [word, expected] of CASES) {
  test(`${JSON.stringify(word)} -> ${expected}`, () => assert.equal(suggest(word, KEYS), expected));
}

test('the nearest wins, the first among equals', () => {
  assert.equal(suggest('wep', ['wed', 'web', 'wep2']), 'wed');
  assert.equal(suggest('server', ['servers', 'server']), 'server');
});

test('nothing is near in an empty list', () => {
  assert.equal(suggest('web', []), undefined);
});
