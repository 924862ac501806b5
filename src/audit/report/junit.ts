/** An audit as JUnit XML: a suite for each target, a case for each check. Pure; it must not know where it is written to. */

import type { AuditFinding } from '../../core/audit.ts';
import { escapedXml } from '../../core/xml.ts';

/** `findings`: with every verdict. `isBad`: it counts as a failure. */
export function junit(findings: readonly AuditFinding[], isBad: (finding: AuditFinding) => boolean): string {
  const suites = new Map<string, AuditFinding[]>();
  for (const finding of findings)
    suites.set(finding.target.name, [...(suites.get(finding.target.name) ?? []), finding]);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="loopyard audit" ${counts(findings, isBad)}>`,
    ...[...suites].flatMap(([name, inside]) => [
      `  <testsuite name="${escapedXml(name)}" ${counts(inside, isBad)}>`,
      ...inside.map((finding) => caseXml(finding, isBad(finding))),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n');
}

function counts(findings: readonly AuditFinding[], isBad: (finding: AuditFinding) => boolean): string {
  const failures = findings.filter(isBad).length;
  const skipped = findings.filter(isSkipped).length;
  return `tests="${findings.length}" failures="${failures}" errors="0" skipped="${skipped}"`;
}

function caseXml(finding: AuditFinding, bad: boolean): string {
  const { check, title, target, severity, evidence, fix } = finding;
  const open = `    <testcase classname="${escapedXml(target.name)}" name="${escapedXml(`${check} ${title}`)}"`;
  const words = escapedXml([...evidence.signs, ...(fix === null ? [] : [`fix: ${fix}`])].join('\n'));
  if (bad)
    return `${open}>\n      <failure type="${severity}" message="${escapedXml(evidence.signs[0] ?? title)}">${words}</failure>\n    </testcase>`;
  if (isSkipped(finding)) return `${open}>\n      <skipped message="${words}"/>\n    </testcase>`;
  // What is found and does not count is worth reading all the same.
  return finding.verdict === 'vulnerable'
    ? `${open}>\n      <system-out>${words}</system-out>\n    </testcase>`
    : `${open}/>`;
}

function isSkipped({ verdict }: AuditFinding): boolean {
  return verdict === 'not-applicable' || verdict === 'inconclusive';
}
