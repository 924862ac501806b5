/**
 * What `lo audit` and `lo attack` have in common: options, which checks and targets are meant, running them and telling of it. It must not
 * know single checks, nor how they are carried out.
 */

import { AUDIT_GROUPS, SEVERITIES, type Severity } from '../core/audit.ts';
import { LoopyardError } from '../core/errors.ts';
import { SCHEMA_VERSION } from '../core/status.ts';
import { suggest } from '../core/suggest.ts';
import type { OptionPage, PositionalPage } from '../generate/command-page.ts';
import type { Args } from './args.ts';
import type { Context } from './command.ts';
import { daemonOf, holdingsFrom } from './inspection.ts';
import { printChecks } from './view/audit-plan.ts';

export const AUDIT_TARGETS: PositionalPage = {
  name: 'TARGET',
  summary:
    'A service (`api`, `api/metrics`), a port, a place (`127.0.0.1:3000`, `localhost:3000`) or a URL on this machine',
  count: 'many',
  complete: 'services',
};

/** How results are told. */
export const FORMATS = ['text', 'json', 'sarif', 'junit'] as const;

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
  {
    name: 'format',
    value: 'FORMAT',
    complete: FORMATS,
    summary: '`text`, `json` (as --json), `sarif` (2.1.0, for code scanning) or `junit`; default: `text`',
  },
  {
    name: 'baseline',
    value: 'FILE',
    complete: 'files',
    summary: 'Accepted findings, instead of the loopyard.audit.yaml beside the config or here',
  },
  {
    name: 'accept',
    value: 'REASON',
    summary: 'Write what is found into the baseline as accepted, for this reason, and end with 0',
  },
  {
    name: 'until',
    value: 'DAY',
    summary: 'With --accept: the last day of it, `2027-01-31`; default: in 90 days',
  },
  { name: 'list', summary: 'List the checks with what they send, and look at nothing' },
];

/** From `CHECKS` of the audit room; what the command line needs of it. */
export type Check = Auditor['checks'][number];
export type Auditor = Awaited<ReturnType<typeof import('../daemon/local.ts')['auditor']>>;
export type Scope = Awaited<ReturnType<Auditor['prepare']>>;

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

/** Errors: USAGE for what names no check, or leaves none. `intrusive`: those that `lo attack` alone sends are wanted too. */
export function choose(args: Args, all: readonly Check[], intrusive: boolean): readonly Check[] {
  const only = args.all('check').map((word) => matcher(word, all, intrusive));
  const skip = args.all('skip').map((word) => matcher(word, all, true));
  const chosen = all.filter(
    (check) =>
      (intrusive || !check.intrusive) &&
      (only.length === 0 || only.some((is) => is(check))) &&
      !skip.some((is) => is(check)),
  );
  if (chosen.length > 0) return chosen;
  throw new LoopyardError('USAGE', {
    reason: 'no check is left by --check and --skip',
    fix: '`--list` shows all',
  });
}

function matcher(word: string, checks: readonly Check[], intrusive: boolean): (check: Check) => boolean {
  const wanted = word.toUpperCase();
  if (wanted in AUDIT_GROUPS) return ({ id }) => id.startsWith(`${wanted}-`);
  const named = checks.find(({ id }) => id === wanted);
  if (named?.intrusive === true && !intrusive)
    throw new LoopyardError('USAGE', {
      reason: `${wanted} is intrusive, and \`lo audit\` only looks`,
      fix: `run \`lo attack --check ${wanted}\`: it shows what it will send, and asks`,
    });
  if (named !== undefined) return ({ id }) => id === wanted;
  const near = suggest(wanted, [...Object.keys(AUDIT_GROUPS), ...checks.map(({ id }) => id)]);
  throw new LoopyardError('USAGE', {
    reason: `there is no check or group \`${word}\``,
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

/** Errors: USAGE. */
export function severityOption(args: Args, name: string): Severity | undefined {
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
