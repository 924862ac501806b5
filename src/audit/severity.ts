/** How bad a finding is where it was found: rule 8. Pure; it must not know single checks. */

import { SEVERITIES, type Severity } from '../core/audit.ts';
import { isReachableFromNetwork, type Target } from './target.ts';
import type { Vulnerable } from './verdict.ts';

/** Through these a web page of anybody reaches the listener: what it has to hide is then worth more. */
export const BROWSER_DOORS: readonly string[] = ['WEB-01', 'WEB-02', 'WEB-04'];

export interface Circumstances {
  readonly base: { readonly loopback: Severity; readonly network: Severity };
  readonly target: Target | null;
  /** It only says that networks reach the listener, and there is something to take there: a data store or a debugger. */
  readonly hasTreasure: boolean;
  /** One of `BROWSER_DOORS` is open there, and the finding is not that door itself. */
  readonly browserReachable: boolean;
}

export function severityOf(
  found: Vulnerable,
  { base, target, browserReachable, hasTreasure }: Circumstances,
): Severity {
  const { loopback, network } = found.severity ?? base;
  const start = target !== null && isReachableFromNetwork(target) ? network : loopback;
  const steps = (browserReachable ? 1 : 0) + (hasTreasure ? 1 : 0) - (isInsideContainer(target) ? 1 : 0);
  const adjusted = step(start, steps);
  return found.confidence === 'version-inferred' ? atMost(adjusted, 'medium') : adjusted;
}

/** Stays in the range. What is information only stays that. */
function step(severity: Severity, by: number): Severity {
  if (severity === 'info') return 'info';
  const index = Math.max(1, Math.min(SEVERITIES.length - 1, SEVERITIES.indexOf(severity) + by));
  return SEVERITIES[index] ?? severity;
}

/** Positive when the first is worse. */
function compareSeverity(one: Severity, other: Severity): number {
  return SEVERITIES.indexOf(one) - SEVERITIES.indexOf(other);
}

function atMost(severity: Severity, most: Severity): Severity {
  return compareSeverity(severity, most) > 0 ? most : severity;
}

function isInsideContainer(target: Target | null): boolean {
  const container = target?.listeners[0]?.container ?? null;
  return (
    container !== null && container.target === null && target !== null && !isReachableFromNetwork(target)
  );
}
