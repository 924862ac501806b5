/**
 * Carries out the checks: all at once, each within a bounded time, none able to break the others. It must not know single checks.
 */

import { LoopyardError, reasonOf } from '../../core/errors.ts';
import { type DoctorReport, SCHEMA_VERSION } from '../../core/status.ts';
import { after } from '../../platform/patience.ts';
import { CHECKS } from './all.ts';
import { type Check, type DoctorFacts, type Finding, unknown } from './check.ts';

/** Longer than any single question may take by itself. */
const WITHIN_MS = 8000;

export async function examine(
  facts: DoctorFacts,
  checks: readonly Check[] = CHECKS,
  withinMs = WITHIN_MS,
): Promise<DoctorReport> {
  return {
    schema: SCHEMA_VERSION,
    checks: await Promise.all(
      checks.map(async (check) => {
        const { id, title, group } = check;
        const { verdict, text, fix } = await findingOf(check, facts, withinMs);
        return { id, title, group, verdict, text, fix };
      }),
    ),
  };
}

/** A question that nobody answered within the time; also how a recorded one is played again. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered';
}

async function findingOf(check: Check, facts: DoctorFacts, withinMs: number): Promise<Finding> {
  let giveUp = (): void => undefined;
  const tooLate = new Promise<never>((_, reject) => {
    giveUp = after(withinMs, () => reject(new Unanswered('no answer')));
  });
  try {
    return await Promise.race([examined(check, facts), tooLate]);
  } catch (error) {
    return couldNotLook(error, withinMs);
  } finally {
    giveUp();
  }
}

/** So that what a check throws at once is one of its answers too. */
async function examined(check: Check, facts: DoctorFacts): Promise<Finding> {
  return await check.examine(facts);
}

function couldNotLook(error: unknown, withinMs: number): Finding {
  if (error instanceof Unanswered) return unknown(`could not look: no answer within ${withinMs / 1000} s`);
  const words = error instanceof LoopyardError ? error.message : reasonOf(error);
  return unknown(`could not look: ${words}`);
}
