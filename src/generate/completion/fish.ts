/** Completion for fish. */

import { type CommandPage, GLOBAL_OPTIONS, type OptionPage } from '../command-page.ts';
import { ASK_LINE, ASK_SERVICES, fixedWords, isAsked, takesServices } from './words.ts';

export function fishCompletion(pages: readonly CommandPage[]): string {
  const lines = [
    '# fish completion for lo; made by `lo completion fish`',
    '',
    'complete -c loopyard -w lo',
    'complete -c lo -f',
    // What stands behind `--` is a command of its own.
    `complete -c lo -n ${quoted(AFTER_DASHES)} -F`,
    `complete -c lo -n ${quoted(NO_COMMAND)} -a help -d ${quoted('Show the help of a command')}`,
    `complete -c lo -n ${quoted(seen('help'))} -a ${quoted(pages.map((page) => page.name).join(' '))}`,
    ...GLOBAL_OPTIONS.map((option) => optionLine(null, option)),
    ...pages.flatMap(commandLines),
  ];
  return `${lines.join('\n')}\n`;
}

const NO_COMMAND = '__fish_use_subcommand';
const AFTER_DASHES = "string match -q -- '--' (commandline -opc)";

function seen(command: string): string {
  return `__fish_seen_subcommand_from ${command}`;
}

function commandLines(page: CommandPage): readonly string[] {
  const condition = seen(page.name);
  const asked = `(${ASK_LINE} ${page.name} (commandline -opc)[2..-1] (commandline -ct) 2>/dev/null)`;
  const services = takesServices(page) ? `(${ASK_SERVICES})` : fixedWords(page).join(' ');
  const words = isAsked(page) ? asked : services;
  return [
    '',
    `complete -c lo -n ${quoted(NO_COMMAND)} -a ${page.name} -d ${quoted(page.summary)}`,
    ...(words === '' ? [] : [`complete -c lo -n ${quoted(condition)} -a ${quoted(words)}`]),
    ...page.options.map((option) => optionLine(condition, option)),
  ];
}

function optionLine(condition: string | null, option: OptionPage): string {
  const { name, short, value, complete, summary } = option;
  const parts = ['complete -c lo'];
  if (condition !== null) parts.push(`-n ${quoted(condition)}`);
  parts.push(`-l ${name}`);
  if (short !== undefined) parts.push(`-s ${short}`);
  if (value !== undefined) {
    parts.push(complete === 'files' ? '-r -F' : '-x');
    if (complete !== undefined && complete !== 'files') parts.push(`-a ${quoted(complete.join(' '))}`);
  }
  parts.push(`-d ${quoted(summary)}`);
  return parts.join(' ');
}

/** In fish's single quotes a backslash protects itself and the quote. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}
