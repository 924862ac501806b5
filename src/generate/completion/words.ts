/** What all shells are told alike: options with their values, words for positionals. Pure. */

import { type CommandPage, GLOBAL_OPTIONS, type OptionPage } from '../command-page.ts';

/** The command that prints the services of the config at hand, one a line. */
export const ASK_SERVICES = 'lo __complete services 2>/dev/null';

/** Prints what fits behind the words so far: the command's name, then those behind `lo`, the last one being typed. */
export const ASK_LINE = 'lo __complete line';

/** `-f --file` */
export function spellings(option: OptionPage): readonly string[] {
  return option.short === undefined ? [`--${option.name}`] : [`-${option.short}`, `--${option.name}`];
}

export function allOptions(page: Pick<CommandPage, 'options'>): readonly OptionPage[] {
  return [...page.options, ...GLOBAL_OPTIONS];
}

export function takesServices(page: CommandPage): boolean {
  return page.positionals.some(({ complete }) => complete === 'services');
}

/** Its words depend on those before them. */
export function isAsked(page: CommandPage): boolean {
  return page.positionals.some(({ complete }) => complete === 'asked');
}

export function fixedWords(page: CommandPage): readonly string[] {
  return page.positionals.flatMap(({ complete }) => (typeof complete === 'string' ? [] : complete));
}

/** `'it'\''s'` */
export function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
