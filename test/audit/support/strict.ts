/** Makes safe fixtures prove that they were recognised: a check that takes them for something else would pass by accident. */

import assert from 'node:assert/strict';
import type { AuditFinding } from '../../../src/core/audit.ts';
import type { Fixture } from './score.ts';

/** Those that inspect by themselves are left alone. */
export function strict(fixtures: readonly Fixture[]): readonly Fixture[] {
  return fixtures.map((fixture) =>
    fixture.kind === 'safe' && fixture.inspect === undefined ? { ...fixture, inspect: is('safe') } : fixture,
  );
}

/** For those that are safe because there is nothing to see. */
export const isNothing = is('not-applicable');

function is(wanted: AuditFinding['verdict']) {
  return ({ verdict, evidence }: AuditFinding): void =>
    assert.equal(verdict, wanted, evidence.signs.join('; '));
}
