/**
 * What `lo audit` and `lo attack` have in common: options, which checks and targets are meant, running them and telling of it. It must not
 * know single checks, nor how they are carried out.
 */

import type { AuditEvent, AuditFinding, AuditReport, AuditSkip, Severity } from '../core/audit.ts';
import { AUDIT_GROUPS, SEVERITIES } from '../core/audit.ts';
import { LoopyardError } from '../core/errors.ts';
import { SCHEMA_VERSION } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';
import type { OptionPage, PositionalPage } from '../generate/command-page.ts';
import type { Args } from './args.ts';
import type { Context } from './command.ts';
import { daemonOf, holdingsFrom } from './inspection.ts';
import { printChecks } from './view/audit-plan.ts';
import { AuditView } from './view/audit-view.ts';

export const AUDIT_TARGETS: PositionalPage = {
  name: 'TARGET',
  summary:
    'A service (`api`, `api/metrics`), a port, a place (`127.0.0.1:3000`, `localhost:3000`) or a URL on this machine',
  count: 'many',
  complete: 'services',
};

export const AUDIT_OPTIONS: readonly OptionPage[] = [
  {
    name: 'check',
    short: 'c',
    value: 'ID',
    many: true,
    summary: 'Only this check (`STO-01`) or group (`STO`)',
  },
  { name: 'skip', value: 'ID', many: true, summary: 'Not this check or group' },
  { name: 'service', value: 'NAME', many: true, complete: [], summary: 'Only what this service listens on' },
  { name: 'port', short: 'p', value: 'N', many: true, summary: 'Only listeners on this port' },
  {
    name: 'severity',
    value: 'SEVERITY',
    complete: SEVERITIES,
    summary: 'Only findings that are at least so bad: `info`, `low`, `medium`, `high` or `critical`',
  },
  {
    name: 'fail-on',
    value: 'SEVERITY',
    complete: [...SEVERITIES, 'never'],
    summary: 'End with 1 only when a finding is at least so bad; default: `low`',
  },
  { name: 'all', short: 'a', summary: 'Show what is safe, does not apply or could not be told, too' },
  { name: 'all-users', summary: 'Look at listeners of other users, too' },
  { name: 'explain', summary: 'Show what was sent and received for each finding, secrets taken out' },
  { name: 'list', summary: 'List the checks with what they send, and look at nothing' },
];

/** From `CHECKS` of the audit room; what the command line needs of it. */
type Check = Auditor['checks'][number];
type Auditor = Awaited<ReturnType<typeof import('../daemon/local.ts')['auditor']>>;
type Scope = Awaited<ReturnType<Auditor['prepare']>>;

export interface Auditing {
  readonly checks: readonly Check[];
  readonly auditor: Auditor;
  /** Errors: AUDIT_NOTHING, AUDIT_REFUSED, USAGE. */
  scope(): Promise<Scope>;
  list(checks: readonly Check[]): number;
}

export async function prepareAudit(context: Context): Promise<Auditing> {
  const { args, printer, json, target } = context;
  const local = await import('../daemon/local.ts');
  const daemon = await daemonOf(context);
  const workbench = daemon !== null && context.world.seesTheSame(daemon.info) ? daemon.workbench : null;
  const auditor = await local.auditor(holdingsFrom(workbench), workbench);
  return {
    auditor,
    checks: auditor.checks,
    scope: async () => {
      const allUsers = args.flag('all-users');
      const scope = await auditor.prepare({ target, words: args.positionals, allUsers });
      return { ...scope, targets: filtered(args, scope.targets) };
    },
    list: (checks) => {
      if (json) printer.document({ schema: SCHEMA_VERSION, checks: checks.map(pageOf) });
      else printChecks(printer, checks);
      return 0;
    },
  };
}

function pageOf({ id, title, severity, intrusive, requests, probe, rule, fix, references }: Check): object {
  return { id, title, severity, intrusive, requests, probe, rule, fix, references };
}

/** Errors: USAGE for what names no check. */
export function choose(args: Args, checks: readonly Check[]): readonly Check[] {
  const only = args.all('check').map((word) => matcher(word, checks));
  const skip = args.all('skip').map((word) => matcher(word, checks));
  return checks.filter(
    (check) => (only.length === 0 || only.some((is) => is(check))) && !skip.some((is) => is(check)),
  );
}

function matcher(word: string, checks: readonly Check[]): (check: Check) => boolean {
  const wanted = word.toUpperCase();
  if (wanted in AUDIT_GROUPS) return ({ id }) => id.startsWith(`${wanted}-`);
  if (checks.some(({ id }) => id === wanted)) return ({ id }) => id === wanted;
  const near = suggest(wanted, [...Object.keys(AUDIT_GROUPS), ...checks.map(({ id }) => id)]);
  throw new LoopyardError('USAGE', {
    reason: `there is no check or group \`${word}\` here`,
    fix: near === undefined ? '`--list` shows all' : `did you mean \`${near}\`? \`--list\` shows all`,
  });
}

/** Errors: AUDIT_NOTHING when the filters leave nothing. */
function filtered(args: Args, targets: Scope['targets']): Scope['targets'] {
  const services = args.all('service');
  const ports = args.all('port');
  const kept = targets.filter(
    ({ service, port }) =>
      (services.length === 0 || (service !== null && services.includes(service.name))) &&
      (ports.length === 0 || ports.includes(String(port))),
  );
  if (kept.length > 0) return kept;
  throw new LoopyardError('AUDIT_NOTHING', {
    reason: `no listener is left by ${[...services.map((name) => `--service ${name}`), ...ports.map((port) => `--port ${port}`)].join(' ')}`,
    fix: '`lo ports` shows what listens, `lo ps` what should',
  });
}

/** Carries it out, tells of it, gives the exit code. */
export async function conclude(
  context: Context,
  { auditor }: Auditing,
  scope: Scope,
  checks: readonly Check[],
): Promise<number> {
  const { args, json, printer } = context;
  const least = severityOption(args, 'severity') ?? 'info';
  const failOn = args.text('fail-on') === 'never' ? null : (severityOption(args, 'fail-on') ?? 'low');
  const view = new AuditView(context, json);
  const collected = new Collected();
  for (const { target, reason } of scope.left) collected.skipped.push({ check: '*', target, reason });
  for await (const event of auditor.run(scope, checks)) {
    const shown = event.type !== 'finding' || isShown(event.finding, least, args.flag('all'));
    collected.take(event, shown);
    if (shown) view.take(event);
    await printer.room();
  }
  const report = collected.report();
  view.end(report);
  if (json) printer.document(report);
  return exitCode(report, failOn);
}

/** Errors: USAGE. */
function severityOption(args: Args, name: string): Severity | undefined {
  const text = args.text(name);
  const severity = SEVERITIES.find((one) => one === text);
  if (text === undefined || severity !== undefined) return severity;
  const words = name === 'fail-on' ? [...SEVERITIES, 'never'] : SEVERITIES;
  const near = suggest(text, words);
  throw new LoopyardError('USAGE', {
    reason: `there is no severity \`${text}\``,
    fix: near === undefined ? `write one of ${words.join(', ')}` : `did you mean \`--${name} ${near}\`?`,
  });
}

function isShown({ verdict, severity }: AuditFinding, least: Severity, all: boolean): boolean {
  if (verdict !== 'vulnerable') return all;
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

class Collected {
  readonly findings: AuditFinding[] = [];
  readonly skipped: AuditSkip[] = [];
  #checked: AuditReport['checked'] = { targets: 0, checks: 0, requests: 0 };

  take(event: AuditEvent, shown: boolean): void {
    if (event.type === 'finding' && shown) this.findings.push(event.finding);
    if (event.type === 'skipped') this.skipped.push(event.skipped);
    if (event.type === 'done') this.#checked = event.checked;
  }

  report(): AuditReport {
    return {
      schema: SCHEMA_VERSION,
      findings: [...this.findings].sort(
        (one, other) => SEVERITIES.indexOf(other.severity) - SEVERITIES.indexOf(one.severity),
      ),
      checked: this.#checked,
      skipped: this.skipped,
    };
  }
}

function exitCode({ findings, checked, skipped }: AuditReport, failOn: Severity | null): number {
  const bad = findings.filter(
    ({ verdict, severity, accepted }) =>
      verdict === 'vulnerable' &&
      accepted === undefined &&
      failOn !== null &&
      SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(failOn),
  );
  if (bad.length > 0) return 1;
  return checked.targets > 0 &&
    skipped.filter(({ check }) => check !== '*').length >= checked.targets * checked.checks
    ? 3
    : 0;
}
