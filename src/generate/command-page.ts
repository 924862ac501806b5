/**
 * What is known about a command beside its code: enough for its help page, the reference and shell completion. Data only; it must
 * not know how a command runs.
 */

export interface CommandPage {
  readonly name: string;
  readonly group: CommandGroup;
  /** One sentence without a full stop. */
  readonly summary: string;
  /** Each without the leading `lo NAME`: `[SERVICE…] [--detach]`. */
  readonly usage: readonly string[];
  /** Paragraphs. */
  readonly description: readonly string[];
  readonly positionals: readonly PositionalPage[];
  readonly options: readonly OptionPage[];
  /** `-- CMD`: what stands behind the two dashes; null when nothing may. */
  readonly rest: string | null;
  readonly examples: readonly ExamplePage[];
  /** Exit codes beyond the usual ones. */
  readonly exits: Readonly<Record<string, string>>;
}

export type CommandGroup = 'run' | 'explain' | 'network' | 'secure' | 'write' | 'serve';

export interface PositionalPage {
  /** Upper case, as it stands in the usage line. */
  readonly name: string;
  readonly summary: string;
  readonly count: 'one' | 'optional' | 'many';
  /** What completes it: service names, what `lo` itself says of the line so far, or these words. */
  readonly complete: 'services' | 'asked' | readonly string[];
}

export interface OptionPage {
  /** Without dashes. */
  readonly name: string;
  readonly short?: string;
  /** The name of its value in upper case; absent: a flag. */
  readonly value?: string;
  /** May be given more than once. */
  readonly many?: boolean;
  /** What completes the value; absent: anything. */
  readonly complete?: 'files' | readonly string[];
  readonly summary: string;
}

export interface ExamplePage {
  readonly command: string;
  readonly meaning: string;
}

export const GROUP_TITLES: Readonly<Record<CommandGroup, string>> = {
  run: 'Run',
  explain: 'Explain',
  network: 'Network',
  secure: 'Secure',
  write: 'Write',
  serve: 'Serve',
};

/** Options that every command takes. */
export const GLOBAL_OPTIONS: readonly OptionPage[] = [
  {
    name: 'file',
    short: 'f',
    value: 'FILE',
    complete: 'files',
    summary: 'The config file, instead of the loopyard.yaml here or above',
  },
  { name: 'environment', value: 'ID', summary: 'An environment by its id from `lo ls`' },
  { name: 'json', summary: 'Print JSON; streams print one document a line' },
  { name: 'plain', summary: 'Append-only lines without colours or symbols' },
  { name: 'no-color', summary: 'No colours; NO_COLOR does the same' },
  { name: 'help', short: 'h', summary: 'Show the help of a command' },
  { name: 'version', short: 'V', summary: 'Print the version' },
];

/** `-f, --file FILE` */
export function optionWords(option: OptionPage): string {
  const short = option.short === undefined ? '' : `-${option.short}, `;
  const value = option.value === undefined ? '' : ` ${option.value}`;
  return `${short}--${option.name}${value}`;
}

/** `lo up [SERVICE…]`, one for each way to call it. */
export function usageLines(page: Pick<CommandPage, 'name' | 'usage'>): readonly string[] {
  return page.usage.map((usage) => `lo ${page.name} ${usage}`.trimEnd());
}
