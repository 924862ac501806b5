/**
 * An audit from its first event to its exit code: shows, collects, compares with the baseline, writes the wanted format. It must not know
 * single checks, nor how they are carried out.
 */

import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import {
  type AuditEvent,
  type AuditFinding,
  type AuditReport,
  type AuditSkip,
  SEVERITIES,
  type Severity,
} from '../core/audit.ts';
import { LoopyardError } from '../core/errors.ts';
import { SCHEMA_VERSION } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';
import { type Accepted, loadBaseline } from './audit-baseline.ts';
import { type Auditing, type Check, FORMATS, type Scope, severityOption } from './auditing.ts';
import type { Context } from './command.ts';
import { AuditView } from './view/audit-view.ts';

type Format = (typeof FORMATS)[number];

/** The exit code. Errors: USAGE, AUDIT_BASELINE_INVALID, CONFIG_UNREADABLE, OUTPUT_FAILED. */
export async function conclude(
  context: Context,
  { auditor }: Auditing,
  scope: Scope,
  checks: readonly Check[],
): Promise<number> {
  const { args, printer } = context;
  const format = formatOf(context);
  const least = severityOption(args, 'severity') ?? 'info';
  const failOn = args.text('fail-on') === 'never' ? null : (severityOption(args, 'fail-on') ?? 'low');
  const baseline = await loadBaseline(context, scope.project?.directory ?? null);
  const view = new AuditView(context, format !== 'text');
  const collected = new Collected(scope, (finding) => isShown(finding, least, args.flag('all')));
  for await (const event of auditor.run(scope, checks)) {
    const marked = withBaseline(event, baseline);
    collected.take(marked);
    if (marked.type !== 'finding' || collected.isShown(marked.finding)) view.take(marked);
    await printer.room();
  }
  const written = baseline.accept(collected.found);
  const report = collected.report(baseline.notes(collected.found));
  view.end(report);
  if (format === 'json') printer.document(report);
  if (format === 'sarif') printer.document(auditor.sarif(report, sarifOptions(context, scope, checks)));
  const isBad = (finding: AuditFinding): boolean => counts(finding, failOn);
  if (format === 'junit') printer.raw(auditor.junit(collected.all, isBad));
  if (written !== null) {
    printer.note(written);
    return 0;
  }
  return exitCode(report, isBad);
}

function formatOf({ args, json }: Context): Format {
  const text = args.text('format');
  const format = FORMATS.find((one) => one === text) ?? (json ? 'json' : 'text');
  if (text === undefined || (format === text && (!json || format === 'json'))) return format;
  const near = suggest(text, FORMATS);
  throw new LoopyardError('USAGE', {
    reason:
      format === text ? `--json and --format ${text} are two formats` : `there is no format \`${text}\``,
    fix: near === undefined ? `write one of ${FORMATS.join(', ')}` : `did you mean \`--format ${near}\`?`,
  });
}

function withBaseline(event: AuditEvent, baseline: Accepted): AuditEvent {
  if (event.type !== 'finding') return event;
  const accepted = baseline.of(event.finding);
  return accepted === null ? event : { type: 'finding', finding: { ...event.finding, accepted } };
}

function isShown({ verdict, severity, accepted }: AuditFinding, least: Severity, all: boolean): boolean {
  if (verdict !== 'vulnerable' || accepted !== undefined) return all;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

class Collected {
  /** Every verdict. */
  readonly all: AuditFinding[] = [];
  readonly isShown: (finding: AuditFinding) => boolean;
  readonly #skipped: AuditSkip[];
  #checked: AuditReport['checked'] = { targets: 0, checks: 0, requests: 0 };

  constructor({ left }: Scope, shown: (finding: AuditFinding) => boolean) {
    this.isShown = shown;
    this.#skipped = left.map(({ target, reason }) => ({ check: '*', target, reason }));
  }

  take(event: AuditEvent): void {
    if (event.type === 'finding') this.all.push(event.finding);
    if (event.type === 'skipped') this.#skipped.push(event.skipped);
    if (event.type === 'done') this.#checked = event.checked;
  }

  /** What is wanted to be known, accepted or not. */
  get found(): readonly AuditFinding[] {
    return this.all.filter(({ verdict }) => verdict === 'vulnerable');
  }

  report(notes: readonly string[]): AuditReport {
    // Accepted ones are part of the document: whoever reads it decides.
    const told = this.all.filter((finding) => this.isShown(finding) || finding.accepted !== undefined);
    return {
      schema: SCHEMA_VERSION,
      findings: told.sort((one, other) => rank(other) - rank(one)),
      checked: this.#checked,
      skipped: this.#skipped,
      notes,
    };
  }
}

function rank({ verdict, severity }: AuditFinding): number {
  return verdict === 'vulnerable' ? SEVERITIES.indexOf(severity) + 1 : 0;
}

function counts({ verdict, severity, accepted }: AuditFinding, failOn: Severity | null): boolean {
  if (verdict !== 'vulnerable' || accepted !== undefined || failOn === null) return false;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(failOn);
}

function exitCode(
  { findings, checked, skipped }: AuditReport,
  isBad: (finding: AuditFinding) => boolean,
): number {
  if (findings.some(isBad)) return 1;
  const unanswered = skipped.filter(({ check }) => check !== '*').length;
  return checked.targets > 0 && unanswered >= checked.targets * checked.checks ? 3 : 0;
}

/** Code scanning knows files by their path in the repository. */
function sarifOptions({ directory, world }: Context, { project }: Scope, checks: readonly Check[]) {
  const root = repositoryOf(project?.directory ?? directory);
  const uri = (file: string): string => relative(root, resolve(directory, file)).split(sep).join('/');
  const config = project?.file ?? null;
  return {
    version: world.version,
    checks,
    config: config === null ? null : uri(config),
    uriOf: ({ file }: { readonly file: string }) => uri(file),
  };
}

/** The directory itself where there is no repository above. */
function repositoryOf(directory: string): string {
  for (let at = directory; ; at = dirname(at)) {
    if (existsSync(join(at, '.git'))) return at;
    if (dirname(at) === at) return directory;
  }
}
