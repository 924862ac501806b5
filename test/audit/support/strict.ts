/** Makes safe fixtures prove that they were recognised: a check that takes them for something else would pass by accident. */

import assert from 'node:assert/strict';
import type { Fixture } from './score.ts';

export function strict(fixtures: readonly Fixture[]): readonly Fixture[] {
  return fixtures.map((fixture) =>
    fixture.kind === 'safe'
      ? {
          ...fixture,
          inspect: ({ verdict, evidence }) => assert.equal(verdict, 'safe', evidence.signs.join('; ')),
        }
      : fixture,
  );
}
