/** The reference page of the commands, from the same table as the help in a terminal. It must not know where the page is kept. */

import {
  type CommandGroup,
  type CommandPage,
  GLOBAL_OPTIONS,
  GROUP_TITLES,
  type OptionPage,
  optionWords,
  usageLines,
} from './command-page.ts';
import { codeBlock, generatedNote, markdownTable } from './markdown.ts';

/** Markdown, ending with a line break. */
export function commandReference(pages: readonly CommandPage[]): string {
  const groups = (Object.keys(GROUP_TITLES) as CommandGroup[]).filter((group) =>
    pages.some((page) => page.group === group),
  );
  const sections = [
    INTRODUCTION,
    '## All commands',
    ...groups.map((group) => groupList(group, pages)),
    '## Options of every command',
    optionTable(GLOBAL_OPTIONS),
    EXIT_CODES,
    OUTPUT,
    ...pages.map(commandSection),
  ];
  return `${sections.join('\n\n')}\n`;
}

const INTRODUCTION = `# Reference: commands

${generatedNote('the command table in `src/cli/commands/`')}

\`lo\` and \`loopyard\` are the same program. \`lo\` alone shows this directory’s environment, or what to do first.
\`lo help COMMAND\` prints what stands here.`;

const EXIT_CODES = `## Exit codes

| code | meaning |
|---|---|
| 0 | done, and good |
| 1 | done, and the answer is no: not ready, a check failed, a question was answered with no |
| 2 | the words or the config are wrong |
| 3 | could not do, or could not look |
| 130 | ended by Ctrl-C; 143 by SIGTERM, 129 by a closed terminal |

\`run\`, \`test\` and \`exec\` end with the code of the command that they run. Their own failures are 125, 126 (it cannot be run) and
127 (it was not found).`;

const OUTPUT = `## Output

- Results go to standard output, remarks and errors to standard error.
- \`--json\` prints documents with \`"schema": 1\`; streams print one document a line. Errors are \`{"schema":1,"error":{"code",…}}\`.
- In a terminal progress is redrawn in place. Without one, with \`--plain\` and with \`TERM=dumb\` lines are only added.
- Colours: none with \`--no-color\`, \`--plain\`, \`NO_COLOR\` or without a terminal; \`FORCE_COLOR\` asks for them, \`NO_COLOR\` wins. A state
  is always told by its word as well.`;

function groupList(group: CommandGroup, pages: readonly CommandPage[]): string {
  const own = pages.filter((page) => page.group === group);
  const rows = own.map((page) => [`[\`lo ${page.name}\`](#lo-${page.name})`, page.summary]);
  return `### ${GROUP_TITLES[group]}\n\n${markdownTable(['command', 'what it does'], rows)}`;
}

function commandSection(page: CommandPage): string {
  const parts = [
    `## lo ${page.name}`,
    `${page.summary}.`,
    codeBlock('', usageLines(page)),
    ...page.description,
  ];
  if (page.positionals.length > 0) {
    const rows = page.positionals.map((one) => [`\`${one.name}\``, one.summary]);
    parts.push(markdownTable(['word', 'meaning'], rows));
  }
  if (page.options.length > 0) parts.push(optionTable(page.options));
  const exits = Object.entries(page.exits);
  if (exits.length > 0) parts.push(markdownTable(['exit code', 'meaning'], exits));
  const examples = page.examples.map((example) => `- \`${example.command}\`: ${example.meaning}`);
  return [...parts, `Examples:\n\n${examples.join('\n')}`].join('\n\n');
}

function optionTable(options: readonly OptionPage[]): string {
  return markdownTable(
    ['option', 'meaning'],
    options.map((option) => [
      `\`${optionWords(option)}\``,
      option.many === true ? `${option.summary}; may be given more than once` : option.summary,
    ]),
  );
}
