/** The baseline of an audit: read, asked about findings, written to. It must not know how findings come about. */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { AcceptedEntry } from '../config/audit-baseline.ts';
import type { AuditFinding } from '../core/audit.ts';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import type { Context } from './command.ts';

export interface Accepted {
  /** Null: it is not accepted, or no longer. */
  of(finding: AuditFinding): { readonly reason: string; readonly expires: string } | null;
  /** What has expired, and what is accepted and no longer found. */
  notes(found: readonly AuditFinding[]): readonly string[];
  /** With `--accept`: writes what is found, and tells of it; null without. Errors: OUTPUT_FAILED. */
  accept(found: readonly AuditFinding[]): string | null;
}

const NAME = 'loopyard.audit.yaml';
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;

/** Errors: USAGE, AUDIT_BASELINE_INVALID, CONFIG_UNREADABLE. `project`: the directory of the config; null: there is none. */
export async function loadBaseline(context: Context, project: string | null): Promise<Accepted> {
  const { args, directory, world } = context;
  const given = args.text('baseline');
  const file = given === undefined ? join(project ?? directory, NAME) : resolve(directory, given);
  const reason = args.text('accept');
  if (given !== undefined && reason === undefined && !existsSync(file))
    throw new LoopyardError('CONFIG_UNREADABLE', { file, reason: 'it does not exist' });
  const today = day(world.now());
  const until = untilOption(context, world.now());
  // Its parser costs time, and most projects have no baseline.
  const parser =
    existsSync(file) || reason !== undefined ? await import('../config/audit-baseline.ts') : null;
  const text = existsSync(file) ? read(file) : null;
  const entries = text === null || parser === null ? [] : entriesOf(parser, text, file);
  const shown = relative(directory, file) || file;
  const live = entries.filter(({ expires }) => expires >= today);
  return {
    of: (finding) => live.find((entry) => fits(entry, finding)) ?? null,
    notes: (found) => entries.flatMap((entry) => noteOf(entry, found, today, shown)),
    accept: (found) => {
      if (reason === undefined || parser === null) return null;
      const fresh = found.filter(({ accepted }) => accepted === undefined);
      const added = unique(
        fresh.map(({ check, target }) => ({ check, target: target.name, reason, expires: until })),
      );
      if (added.length === 0) return `nothing to accept: ${shown} is as it was`;
      write(file, parser.withEntries(text, added));
      return `${added.length === 1 ? '1 finding is' : `${added.length} findings are`} accepted until ${until}, in ${shown}`;
    },
  };
}

function entriesOf(
  { parseBaseline, baselineError }: typeof import('../config/audit-baseline.ts'),
  text: string,
  file: string,
): readonly AcceptedEntry[] {
  const { entries, diagnostics } = parseBaseline(text, file);
  if (diagnostics.length > 0) throw baselineError(diagnostics, text, file);
  return entries;
}

function fits({ check, target }: AcceptedEntry, { verdict, ...finding }: AuditFinding): boolean {
  return verdict === 'vulnerable' && finding.check === check && finding.target.name === target;
}

function noteOf(
  entry: AcceptedEntry,
  found: readonly AuditFinding[],
  today: string,
  file: string,
): readonly string[] {
  const { check, target, reason, expires, line } = entry;
  const isFound = found.some((finding) => fits(entry, finding));
  if (expires >= today || !isFound) return [];
  return [
    `${file}:${line}: ${check} of ${target} was accepted until ${expires} (${reason}), and counts again`,
  ];
}

function unique(entries: readonly Omit<AcceptedEntry, 'line'>[]): readonly Omit<AcceptedEntry, 'line'>[] {
  return entries.filter(
    ({ check, target }, index) =>
      entries.findIndex((one) => one.check === check && one.target === target) === index,
  );
}

/** Errors: USAGE. */
function untilOption({ args }: Context, now: number): string {
  const text = args.text('until');
  if (text === undefined) return day(now + DEFAULT_DAYS * DAY_MS);
  const refuse = (reason: string): never => {
    throw new LoopyardError('USAGE', {
      reason,
      fix: `write it as \`--until ${day(now + DEFAULT_DAYS * DAY_MS)}\``,
    });
  };
  if (args.text('accept') === undefined) return refuse('--until belongs to --accept REASON');
  const at = new Date(`${text}T00:00:00Z`);
  if (!/^\d{4}-\d\d-\d\d$/.test(text) || Number.isNaN(at.getTime()) || day(at.getTime()) !== text)
    return refuse(`--until is no day: \`${text}\``);
  return text < day(now) ? refuse(`${text} is over`) : text;
}

/** As the calendar of UTC has it: the same for everybody who reads the file. */
function day(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 10);
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new LoopyardError('CONFIG_UNREADABLE', { file, reason: reasonOf(error) }, [], error);
  }
}

function write(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new LoopyardError('OUTPUT_FAILED', { file, reason: reasonOf(error) }, [], error);
  }
}
