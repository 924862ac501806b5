/**
 * What a check of `lo doctor` is: one thing that Loopyard needs or that commonly goes wrong on localhost, really looked at or tried,
 * with a verdict, its reason and a fix that can be pasted. It must not know how facts are found.
 */

import type { CheckGroup, Verdict } from '../../core/status.ts';
import type { Health } from '../../platform/health.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Own } from './own.ts';

export interface Check {
  /** Stable; stands in documents. */
  readonly id: string;
  readonly title: string;
  readonly group: CheckGroup;
  examine(facts: DoctorFacts): Finding | Promise<Finding>;
}

/** All that checks may ask. Every answer is plain JSON, so that it can be recorded. */
export interface DoctorFacts {
  readonly platform: Pick<Platform, 'tryBind' | 'portRanges' | 'interfaces'>;
  readonly health: Health;
  readonly own: Own;
}

export interface Finding {
  readonly verdict: Verdict;
  /** The reason, without a full stop. */
  readonly text: string;
  /** Commands to paste, one in a line, or what to do in words; null when there is nothing to mend. */
  readonly fix: string | null;
}

export function ok(text: string): Finding {
  return { verdict: 'ok', text, fix: null };
}

/** Something works less well than it could. */
export function warn(text: string, fix: string | null): Finding {
  return { verdict: 'warn', text, fix };
}

/** Loopyard, or localhost itself, does not work like this. */
export function fail(text: string, fix: string | null): Finding {
  return { verdict: 'fail', text, fix };
}

/** Could not look, which is neither good nor bad. */
export function unknown(text: string, fix: string | null = null): Finding {
  return { verdict: 'unknown', text, fix };
}

/** Several problems of one check: the worst verdict, all reasons, all fixes. None: `good`. */
export function together(problems: readonly Finding[], good: string): Finding {
  const [first] = problems;
  if (first === undefined) return ok(good);
  const worst = ORDER.find((verdict) => problems.some((problem) => problem.verdict === verdict));
  const fixes = problems.flatMap(({ fix }) => (fix === null ? [] : [fix]));
  return {
    verdict: worst ?? first.verdict,
    text: problems.map(({ text }) => text).join('; '),
    fix: fixes.length === 0 ? null : [...new Set(fixes)].join('\n'),
  };
}

const ORDER: readonly Verdict[] = ['fail', 'warn', 'unknown', 'ok'];

/** `1 file`, `2 files` */
export function count(amount: number, one: string, many = `${one}s`): string {
  return `${amount} ${amount === 1 ? one : many}`;
}

/** A path or name as one word of a shell. */
export function quoted(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

const INSTALLERS: Readonly<Record<string, string>> = {
  debian: 'sudo apt install',
  fedora: 'sudo dnf install',
  suse: 'sudo zypper install',
  arch: 'sudo pacman -S',
  alpine: 'sudo apk add',
};

/** `packageName`: where it has the same name everywhere. */
export function installing(family: string | null, packageName: string): string {
  const installer = INSTALLERS[family ?? ''];
  return installer === undefined ? `install the package ${packageName}` : `${installer} ${packageName}`;
}
