/**
 * What a check may answer. A finding needs two signs that do not follow from each other: one alone is what look-alikes have too. This
 * file must not know checks.
 */

import type { Confidence, Severity } from '../core/audit.ts';

/** Facts as they were seen, without secrets: `+PONG came without a password`. */
export type Signs = readonly [string, string, ...(readonly string[])];

export interface Vulnerable {
  readonly verdict: 'vulnerable';
  readonly confidence: Confidence;
  readonly signs: Signs;
  /** The shortest fix for this very program; absent: the check's own. */
  readonly fix?: string;
  /** Instead of the check's own, where what was seen is more or less than usual. */
  readonly severity?: { readonly loopback: Severity; readonly network: Severity };
  /** Tells several findings of one check about one target apart, such as a path; the same in each run. */
  readonly key?: string;
}

export interface NotVulnerable {
  readonly verdict: 'safe' | 'not-applicable' | 'inconclusive';
  /** In words, without a full stop. */
  readonly because: string;
}

export type Outcome = Vulnerable | NotVulnerable;

export function vulnerable(
  confidence: Confidence,
  signs: Signs,
  more: Pick<Vulnerable, 'fix' | 'severity' | 'key'> = {},
): Vulnerable {
  return { verdict: 'vulnerable', confidence, signs, ...more };
}

/** The server did what a server without the weakness does. */
export function safe(because: string): NotVulnerable {
  return { verdict: 'safe', because };
}

/** It is not the kind of server that can have the weakness. */
export function notApplicable(because: string): NotVulnerable {
  return { verdict: 'not-applicable', because };
}

/** It could not be found out. Never used for "probably safe". */
export function inconclusive(because: string): NotVulnerable {
  return { verdict: 'inconclusive', because };
}

/** Of a server whose first page streams on: its answers cannot be compared. */
export const NO_END = 'its answers have no end that could be read';
