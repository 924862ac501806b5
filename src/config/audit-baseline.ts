/**
 * `loopyard.audit.yaml`: findings of `lo audit` that are accepted, each with a reason and a day on which it comes back. Text to entries
 * and diagnostics with places, and entries into text without losing a comment. It must not know findings.
 */

import { isSeq, parseDocument, type YAMLSeq } from 'yaml';
import * as z from 'zod/mini';
import { LoopyardError } from '../core/errors.ts';
import { checkFields } from './check-shape.ts';
import { type Diagnostic, formatDiagnostic } from './diagnostic.ts';
import { parseText } from './document.ts';
import { type Path, Reporter } from './reporter.ts';

export interface AcceptedEntry {
  /** `STO-01` */
  readonly check: string;
  /** As findings name it: `api`, `node:3000`. */
  readonly target: string;
  readonly reason: string;
  /** `2027-01-31`; the finding is back on the day after. */
  readonly expires: string;
  /** Line of the entry, from 1. */
  readonly line: number;
}

export interface Baseline {
  readonly entries: readonly AcceptedEntry[];
  readonly diagnostics: readonly Diagnostic[];
}

const DAY = z.string().check(z.refine(isDay, 'expected a day such as `2027-01-31`'));
const ENTRY = { check: z.string(), target: z.string(), reason: z.string(), expires: DAY };
const KEYS = ['check', 'target', 'reason', 'expires'] as const;

/** Entries are given only when there is no mistake: a finding must not be hidden by half an entry. */
export function parseBaseline(text: string, file: string): Baseline {
  const parsed = parseText(text);
  const report = new Reporter(file, text, parsed);
  const top = parsed.root?.value ?? {};
  if (typeof top !== 'object' || Array.isArray(top))
    report.value([], 'a baseline is a map with the key `accepted`');
  else checkTop(top, report);
  const items = parsed.root?.entries?.get('accepted')?.value.items ?? [];
  const entries = items.map((item, index) => entryOf(item.value, ['accepted', index], report));
  const diagnostics = report.diagnostics();
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  return {
    entries: report.failed
      ? []
      : entries.flatMap((entry, index) =>
          entry === null ? [] : [{ ...entry, line: lineOf(items[index]?.span.start ?? 0) }],
        ),
    diagnostics,
  };
}

/** One error that shows every mistake. */
export function baselineError(diagnostics: readonly Diagnostic[], text: string, file: string): LoopyardError {
  const count = diagnostics.length === 1 ? '1 mistake' : `${diagnostics.length} mistakes`;
  const shown = diagnostics.flatMap((diagnostic) => formatDiagnostic(diagnostic, text));
  return new LoopyardError('AUDIT_BASELINE_INVALID', { count, file }, shown);
}

/** The text with the entries at the end of its list; `null`: there is no file yet. */
export function withEntries(text: string | null, entries: readonly Omit<AcceptedEntry, 'line'>[]): string {
  const document = parseDocument(text === null || text.trim() === '' ? HEADER : text);
  const list = document.get('accepted');
  if (isSeq(list)) {
    // One that was written as `[]` could not hold what is added in lines of its own.
    list.flow = false;
    for (const entry of entries) (list as YAMLSeq).add(document.createNode(entry));
  } else document.set('accepted', document.createNode(entries));
  return document.toString({ lineWidth: 0 });
}

const HEADER = `# Findings of \`lo audit\` that are accepted, each with a reason and the day until which it holds.
accepted: []
`;

function checkTop(top: object, report: Reporter): void {
  for (const key of Object.keys(top))
    if (key !== 'accepted' && !key.startsWith('x-'))
      report.key([key], `\`${key}\` is unknown here`, 'a baseline has one key: `accepted`');
  const { accepted } = top as { readonly accepted?: unknown };
  if (accepted !== undefined && accepted !== null && !Array.isArray(accepted))
    report.value(['accepted'], '`accepted` is a list of findings');
}

function entryOf(value: unknown, path: Path, report: Reporter): Omit<AcceptedEntry, 'line'> | null {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    report.value(path, 'an accepted finding is a map', `its keys are ${KEYS.join(', ')}`);
    return null;
  }
  const { fields, wrong } = checkFields(ENTRY, value, path, report);
  for (const key of KEYS)
    if (fields[key] === undefined && !wrong.has(key)) report.value(path, `\`${key}\` is missing`, HINTS[key]);
  const { check, target, reason, expires } = fields;
  if (check === undefined || target === undefined || reason === undefined || expires === undefined)
    return null;
  return { check, target, reason, expires };
}

const HINTS: Readonly<Record<(typeof KEYS)[number], string>> = {
  check: 'the id of the check, such as `STO-01`',
  target: 'as `lo audit` names it, such as `api`',
  reason: 'why it is accepted',
  expires: 'the last day on which it is accepted, such as `2027-01-31`',
};

/** A day of the calendar, `2027-02-29` is none. */
function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}
