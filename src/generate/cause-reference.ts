/** The reference page of the causes that `lo why` tells. It must not know how they are found. */

import { generatedNote, markdownTable } from './markdown.ts';

export interface CausePage {
  readonly code: string;
  /** What is the case, in a sentence. */
  readonly summary: string;
}

/** Markdown, ending with a line break. */
export function causeReference(causes: readonly CausePage[]): string {
  const rows = causes.map(({ code, summary }) => [`\`${code}\``, summary]);
  return `${[INTRODUCTION, markdownTable(['code', 'what is the case'], rows)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Reference: causes

${generatedNote('the causes in `src/inspector/causes/`')}

What \`lo why PORT\` and its \`--json\` may name, in the order in which they are told. A code is a promise and will not change; texts may
become better. Each cause comes with

- \`text\`: the case in a sentence, with the names and numbers of this machine;
- \`evidence\`: the facts it stands on, one in a line;
- \`fix\`: a command or an edit that can be pasted, perhaps with a remark behind \`#\`; null when there is nothing to mend;
- \`pid\`: the process it is about; null when there is none, or it is not seen;
- \`sure\`: \`certain\` (seen as a fact), \`likely\` (follows from facts with one step of inference) or \`possible\` (fits what is seen).

Several may hold at once. The guide [What is on port 3000?](../guide/what-is-on-port-3000.md) shows the common ones.`;
