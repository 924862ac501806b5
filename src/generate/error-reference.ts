/** The reference page of the errors, from the one table. It must not know where the page is kept. */

import { ERRORS, type ErrorRow } from '../core/errors.ts';
import { generatedNote } from './markdown.ts';

/** Markdown, ending with a line break. */
export function errorReference(): string {
  const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(ERRORS).sort(([one], [other]) =>
    one < other ? -1 : 1,
  );
  return `${[INTRODUCTION, ...rows.map(([code, row]) => section(code, row))].join('\n\n')}\n`;
}

const INTRODUCTION = `# Reference: errors

${generatedNote('`src/core/error-table.ts`')}

People see \`error[CODE]: message\` and a \`hint:\` with the next step on standard error. With \`--json\` it is
\`{"schema":1,"error":{"code","message","hint","details","context"}}\` on standard output. Codes are promises; messages may become
better. Words in braces stand for the details of the case. \`run\`, \`test\` and \`exec\` end with 125 where another exit code stands here,
unless it is 126, 127 or 130.`;

function section(code: string, row: ErrorRow): string {
  return [
    `## ${code}`,
    `> ${row.message}`,
    `Next step: ${row.hint === '{fix}' ? 'said with the case' : row.hint}.`,
    `Exit code ${row.exit}, HTTP status ${row.status}.`,
  ].join('\n\n');
}
