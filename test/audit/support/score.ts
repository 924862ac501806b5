/**
 * The score of a group of checks: each is tried on servers that have its weakness, on safe ones, and on look-alikes. Detection has to be
 * whole and false alarms none; both are printed. A test file calls it once; nothing else stands in it.
 */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Check } from '../../../src/audit/check.ts';
import { CHECKS } from '../../../src/audit/checks/all.ts';
import type { AuditFinding } from '../../../src/core/audit.ts';
import { type Examined, examine, type Place, type Surroundings } from './examine.ts';
import { LOOK_ALIKES } from './look-alikes.ts';

export interface Fixture {
  readonly check: string;
  /** `look-alike`: seems to have the weakness; `safe`: the same program, hardened. */
  readonly kind: 'vulnerable' | 'safe' | 'look-alike';
  readonly name: string;
  /** Null: it cannot be had here, and the test was marked as skipped. */
  start(t: TestContext): Promise<Fixed | null>;
  /** More about what is found than that it is. */
  inspect?(finding: AuditFinding): void;
}

/** The place alone, or with facts. */
export type Fixed = Place | { readonly place: Place; readonly surroundings: Surroundings };

interface Tally {
  detected: number;
  vulnerable: number;
  alarms: number;
  harmless: number;
}

/** `group`: `STO`. Every check of the group needs all three kinds of fixtures. */
export function score(group: string, fixtures: readonly Fixture[]): void {
  const checks = CHECKS.filter(({ id }) => id.startsWith(`${group}-`));
  const tallies = new Map<string, Tally>(
    checks.map(({ id }) => [id, { detected: 0, vulnerable: 0, alarms: 0, harmless: 0 }]),
  );
  test(`${group}: every check has a vulnerable, a safe and a look-alike fixture`, () => {
    for (const { id } of checks)
      for (const kind of ['vulnerable', 'safe', 'look-alike'])
        assert.ok(
          fixtures.some((fixture) => fixture.check === id && fixture.kind === kind),
          `${id} has no fixture that is ${kind}`,
        );
  });
  for (const fixture of fixtures) tryFixture(fixture, tallies);
  const probing = checks.filter((check) => check.about === 'listener' && check.speaks !== 'any');
  for (const { name, start } of probing.length === 0 ? [] : LOOK_ALIKES)
    test(`${group}: nothing is found on: ${name}`, async (t) => {
      const { all } = await examine(probing, [await start(t)]);
      assert.equal(all.length, probing.length, 'every check has a verdict');
      for (const finding of all) countHarmless(finding, tallies);
      assertNone(all);
    });
  test(`${group}: detection is whole, and there are no false alarms`, (t) => {
    for (const [id, tally] of tallies) {
      t.diagnostic(
        `${id}  detected ${tally.detected} of ${tally.vulnerable}, false alarms ${tally.alarms} of ${tally.harmless}`,
      );
      assert.equal(tally.detected, tally.vulnerable, `${id} misses`);
      assert.equal(tally.alarms, 0, `${id} raises false alarms`);
    }
  });
}

function tryFixture(fixture: Fixture, tallies: ReadonlyMap<string, Tally>): void {
  const { check: id, kind, name, start, inspect } = fixture;
  test(`${id}, ${kind}: ${name}`, async (t) => {
    const check = checkOf(id);
    const fixed = await start(t);
    if (fixed === null) return;
    const [place, surroundings] = 'place' in fixed ? [fixed.place, fixed.surroundings] : [fixed, {}];
    const examined = await examine([check], [place], surroundings);
    if (kind === 'vulnerable') countVulnerable(id, examined, tallies);
    else countSafe(id, examined, tallies);
    for (const finding of kind === 'vulnerable' ? examined.found : examined.all) inspect?.(finding);
  });
}

function countVulnerable(id: string, { all, found }: Examined, tallies: ReadonlyMap<string, Tally>): void {
  const tally = tallies.get(id);
  assert.ok(tally, `${id} is not of this group`);
  tally.vulnerable += 1;
  tally.detected += found.length > 0 ? 1 : 0;
  assert.notEqual(found.length, 0, `not detected: ${JSON.stringify(all, null, 1)}`);
}

function countSafe(id: string, { all }: Examined, tallies: ReadonlyMap<string, Tally>): void {
  for (const finding of all) countHarmless(finding, tallies);
  // A check that finds nothing to look at has been tried all the same.
  const tally = tallies.get(id);
  if (all.length === 0 && tally !== undefined) tally.harmless += 1;
  assertNone(all);
}

function checkOf(id: string): Check {
  const check = CHECKS.find((one) => one.id === id);
  assert.ok(check, `there is no check ${id}`);
  return check;
}

function countHarmless({ check, verdict }: AuditFinding, tallies: ReadonlyMap<string, Tally>): void {
  const tally = tallies.get(check);
  if (tally === undefined) return;
  tally.harmless += 1;
  if (verdict === 'vulnerable') tally.alarms += 1;
}

function assertNone(all: readonly AuditFinding[]): void {
  const found = all.filter(({ verdict }) => verdict === 'vulnerable');
  assert.deepEqual(
    found.map(({ check, evidence }) => ({ check, evidence })),
    [],
  );
}
