/**
 * An audit as SARIF 2.1.0, for code scanning: one rule for each check, one result for each finding, at the place in the config that declares
 * the service. Pure; it must not know where it is written to. Source: the specification (OASIS), and what GitHub reads of it.
 */

import type { AuditFinding, AuditReport, AuditSkip, ConfigPlace, Severity } from '../../core/audit.ts';
import { SEVERITIES } from '../../core/audit.ts';
import type { Check } from '../check.ts';

export interface SarifOptions {
  readonly version: string;
  readonly checks: readonly Check[];
  /** The config relative to the repository, with `/`; null: there is none. */
  readonly config: string | null;
  /** A place relative to the repository. */
  uriOf(place: ConfigPlace): string;
}

/** Baselines of code scanning go by it: a change is a new finding everywhere. */
const FINGERPRINT = 'loopyard/v1';

/** Plain JSON. `report.findings` with other verdicts than `vulnerable` are left out: SARIF is about what to mend. */
export function sarif(report: AuditReport, options: SarifOptions): object {
  const found = report.findings.filter(({ verdict }) => verdict === 'vulnerable');
  const rules = options.checks.map((check) => ruleOf(check, found));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Loopyard', semanticVersion: options.version, rules } },
        automationDetails: { id: 'loopyard/audit/' },
        columnKind: 'utf16CodeUnits',
        invocations: [
          { executionSuccessful: true, toolExecutionNotifications: report.skipped.map(notificationOf) },
        ],
        results: found.map((finding) => resultOf(finding, options)),
      },
    ],
  };
}

const LEVELS: Readonly<Record<Severity, 'note' | 'warning' | 'error'>> = {
  info: 'note',
  low: 'note',
  medium: 'warning',
  high: 'error',
  critical: 'error',
};

/** GitHub: over 9.0 is critical, from 7.0 high, from 4.0 medium, above 0 low. */
const SCORES: Readonly<Record<Severity, string>> = {
  info: '0.1',
  low: '3.0',
  medium: '5.5',
  high: '8.0',
  critical: '9.5',
};

/** A rule has one severity for all its results: the worst of this run, else what it is at most by itself. */
function ruleOf(check: Check, found: readonly AuditFinding[]): object {
  const own = found.filter((finding) => finding.check === check.id).map(({ severity }) => severity);
  const worst =
    [...SEVERITIES].reverse().find((severity) => own.includes(severity)) ?? check.severity.network;
  const link = check.references.find((reference) => reference.startsWith('https://'));
  return {
    id: check.id,
    name: check.id.replace('-', ''),
    shortDescription: { text: check.title },
    fullDescription: { text: `${check.probe} ${check.rule}` },
    help: { text: `Fix: ${check.fix}. References: ${check.references.join(', ')}` },
    ...(link === undefined ? {} : { helpUri: link }),
    defaultConfiguration: { level: LEVELS[worst] },
    properties: {
      'security-severity': SCORES[worst],
      tags: ['security', ...check.references.flatMap(tagOf)],
    },
  };
}

/** As GitHub spells them. */
function tagOf(reference: string): readonly string[] {
  return /^CWE-\d+$/.test(reference) ? [`external/cwe/${reference.toLowerCase()}`] : [];
}

function resultOf(finding: AuditFinding, options: SarifOptions): object {
  const { check, title, severity, target, evidence, fix, fingerprint, confidence, accepted } = finding;
  const { process, address, port } = target;
  return {
    ruleId: check,
    ruleIndex: options.checks.findIndex(({ id }) => id === check),
    level: LEVELS[severity],
    message: { text: `${target.name}: ${title}. ${evidence.signs.join('; ')}. Fix: ${fix}` },
    locations: [
      { ...physical(finding, options), logicalLocations: [{ name: target.name, kind: 'resource' }] },
    ],
    partialFingerprints: { [FINGERPRINT]: fingerprint },
    ...(accepted === undefined
      ? {}
      : { suppressions: [{ kind: 'external', status: 'accepted', justification: accepted.reason }] }),
    properties: { severity, confidence, process, address, port },
  };
}

/** What no service declares is shown at the top of the config, where there is one. */
function physical({ target }: AuditFinding, { config, uriOf }: SarifOptions): object {
  const { place } = target;
  const uri = place === null ? config : uriOf(place);
  if (uri === null) return {};
  const region = place === null ? { startLine: 1 } : { startLine: place.line, startColumn: place.column };
  const artifactLocation = { uri: uri.split('/').map(encodeURIComponent).join('/'), uriBaseId: '%SRCROOT%' };
  return { physicalLocation: { artifactLocation, region } };
}

function notificationOf({ check, target, reason }: AuditSkip): object {
  const rule = check === '*' ? {} : { associatedRule: { id: check } };
  return { level: 'note', message: { text: `${target} was not looked at: ${reason}` }, ...rule };
}
