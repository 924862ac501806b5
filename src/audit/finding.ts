/** From what a check answered to the document that people and reports get. Pure; it must not know single checks. */

import { createHash } from 'node:crypto';
import type { AuditFinding, AuditTarget } from '../core/audit.ts';
import type { Check } from './check.ts';
import { shownExchanges } from './evidence.ts';
import type { RecordedExchange } from './probe/record.ts';
import { BROWSER_DOORS, severityOf } from './severity.ts';
import { otherDocument, type Target, targetDocument } from './target.ts';
import type { Outcome } from './verdict.ts';

/** One answer of one check. */
export interface Judged {
  readonly check: Check;
  readonly about: Target | string;
  readonly outcome: Outcome;
  readonly exchanges: readonly RecordedExchange[];
}

/** `others`: all checks that found something about the same target. */
export function findingOf(judged: Judged, others: ReadonlySet<string>): AuditFinding {
  const { check, about, outcome, exchanges } = judged;
  const { id, title, references } = check;
  const target = typeof about === 'string' ? otherDocument(about) : targetDocument(about);
  const common = { check: id, title, target, references };
  if (outcome.verdict !== 'vulnerable')
    return {
      ...common,
      verdict: outcome.verdict,
      confidence: null,
      severity: 'info',
      evidence: { signs: [outcome.because], exchanges: [] },
      fix: null,
      fingerprint: fingerprintOf(id, target, ''),
    };
  const severity = severityOf(outcome, {
    base: check.severity,
    target: typeof about === 'string' ? null : about,
    browserReachable: feelsBrowsers(check) && BROWSER_DOORS.some((door) => others.has(door)),
    hasTreasure: isDoor(id) && [...others].some((other) => /^(?:STO|DBG)-/.test(other)),
  });
  return {
    ...common,
    verdict: 'vulnerable',
    confidence: outcome.confidence,
    severity,
    evidence: { signs: outcome.signs, exchanges: shownExchanges(exchanges) },
    fix: outcome.fix ?? check.fix,
    fingerprint: fingerprintOf(id, target, outcome.key ?? ''),
  };
}

/**
 * Where something listens and how it is kept is no better or worse for what a web page can send; and no page can send what HTT-03 and
 * HTT-07 to HTT-09 do: no Origin at all, malformed requests, half ones.
 */
function feelsBrowsers(check: Check): boolean {
  return (
    check.about === 'listener' && check.speaks !== 'any' && /^(?:STO|DBG|HTT-(?:0[12456]|10))/.test(check.id)
  );
}

function isDoor(id: string): boolean {
  return id === 'EXP-01' || id === 'EXP-02' || id === 'EXP-03';
}

/** Without addresses and pids, which differ from one machine and run to the next. */
function fingerprintOf(check: string, target: AuditTarget, key: string): string {
  const words = [check, target.project ?? '', target.name, key];
  return createHash('sha256').update(words.join('\0')).digest('hex').slice(0, 32);
}
