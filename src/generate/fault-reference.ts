/** The reference page of the faults, from the list of kinds. It must not know how they are carried out. */

import type { FaultKind, FaultSetting } from '../core/fault.ts';
import { codeBlock, generatedNote, markdownTable } from './markdown.ts';

/** Markdown, ending with a line break. */
export function faultReference(kinds: readonly FaultKind[]): string {
  return `${[INTRODUCTION, ...kinds.map(section)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Reference: faults

${generatedNote('the kinds in `src/gateway/faults/`')}

What \`lo fault add LINK KIND[=VALUE] [SETTING=VALUE …]\` and \`faults:\` in the config may say. VALUE is the setting marked with \`=\`. Every
kind takes \`--direction\` (\`up\`: from the caller to the service, \`down\`: back to it, \`both\`), \`--probability\` (the share of connections
that are affected, drawn once for each), \`--seed\` (the same seed gives the same draws), \`--name\` and \`--for\`. Durations are written
\`200ms\` or \`1s\`, sizes \`64KB\`, rates \`1MB/s\`, shares \`0.5\` or \`50%\`. The guide
[Links and faults](../guide/links-and-faults.md) shows them at work.`;

function section(kind: FaultKind): string {
  const head = [`## ${kind.name}`, kind.summary, `Direction unless it is said: \`${kind.direction}\`.`];
  const rows = kind.settings.map((setting) => settingRow(setting, kind.main));
  const table = rows.length === 0 ? [] : [markdownTable(['setting', 'unit', 'default', 'meaning'], rows)];
  return [...head, ...table, codeBlock('console', [`$ lo fault add api:db ${kind.example}`])].join('\n\n');
}

function settingRow(setting: FaultSetting, main: string | null): readonly string[] {
  const { name, unit, choices = [], fallback, summary } = setting;
  const isNumber = typeof fallback === 'number';
  return [
    `\`${name}\`${name === main ? ' `=`' : ''}`,
    unit === 'choice' ? choices.map((choice) => `\`${choice}\``).join(', ') : unit,
    fallback === undefined ? 'required' : isNumber ? String(fallback) : `\`${fallback}\``,
    summary,
  ];
}
