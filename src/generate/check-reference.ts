/** The reference page of the checks of `lo audit` and `lo attack`. It must not know how they are carried out. */

import { AUDIT_GROUPS, type AuditGroup, type Severity } from '../core/audit.ts';
import { generatedNote, markdownTable } from './markdown.ts';

export interface CheckPage {
  readonly id: string;
  readonly title: string;
  readonly severity: { readonly loopback: Severity; readonly network: Severity };
  readonly intrusive: boolean;
  readonly requests: number;
  readonly references: readonly string[];
  readonly probe: string;
  readonly rule: string;
  readonly fix: string;
}

export interface NotDonePart {
  readonly id: string;
  readonly title: string;
  readonly because: string;
}

/** Markdown, ending with a line break. */
export function checkReference(checks: readonly CheckPage[], notDone: readonly NotDonePart[]): string {
  const groups = (Object.keys(AUDIT_GROUPS) as AuditGroup[]).flatMap((group) => {
    const inside = checks.filter(({ id }) => id.startsWith(`${group}-`));
    return inside.length === 0 ? [] : [groupText(group, inside)];
  });
  return `${[INTRODUCTION, ...groups, notDoneText(notDone)].join('\n\n')}\n`;
}

function notDoneText(parts: readonly NotDonePart[]): string {
  const rows = parts.map(({ id, title, because }) => [`\`${id}\``, title, because]);
  return ['## Not looked for', markdownTable(['id', 'what', 'why not'], rows)].join('\n\n');
}

function groupText(group: AuditGroup, checks: readonly CheckPage[]): string {
  const rows = checks.map(({ id, title, severity, requests, intrusive }) => [
    `[\`${id}\`](#${id.toLowerCase()})`,
    title,
    severity.loopback === severity.network ? severity.loopback : `${severity.loopback} / ${severity.network}`,
    String(requests),
    intrusive ? '`lo attack`' : '`lo audit`',
  ]);
  const table = markdownTable(['check', 'finds', 'severity', 'requests', 'run by'], rows);
  return [`## ${group}: ${AUDIT_GROUPS[group]}`, table, ...checks.map(checkText)].join('\n\n');
}

function checkText({ id, title, probe, rule, fix, references }: CheckPage): string {
  return [
    `### ${id}`,
    `${title}.`,
    [
      `- **Probe**: ${probe}`,
      `- **Verdict**: ${rule}`,
      `- **Fix**: ${fix}.`,
      `- **References**: ${references.map(link).join(', ')}`,
    ].join('\n'),
  ].join('\n\n');
}

function link(reference: string): string {
  const [, weakness] = /^CWE-(\d+)$/.exec(reference) ?? [];
  if (weakness !== undefined)
    return `[${reference}](https://cwe.mitre.org/data/definitions/${weakness}.html)`;
  if (/^CVE-\d{4}-\d+$/.test(reference))
    return `[${reference}](https://www.cve.org/CVERecord?id=${reference})`;
  if (/^GHSA(?:-\w{4}){3}$/.test(reference))
    return `[${reference}](https://github.com/advisories/${reference})`;
  return reference.startsWith('https://') ? `<${reference}>` : reference;
}

const INTRODUCTION = `# Reference: checks

${generatedNote('the checks in `src/audit/checks/`')}

What \`lo audit\` and \`lo attack\` look for. An id is a promise and will not change; texts may become better. Of two severities the
first is for a server on loopback alone, the second for one that other machines reach. It is a step higher where a web page can reach the
port (WEB-01, WEB-02 or WEB-04 found something there), a step lower for a container without a published port, and never above \`medium\`
when it is concluded from a version alone.

Before the checks, each listener is asked at most three times what it speaks; honest requests that others are compared with are sent once for all
checks, forty-eight at most. Requests of a check are at most those of its row. A check
is asked only where what it looks for can be: one for HTTP sends nothing to a database.`;
