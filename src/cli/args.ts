/**
 * A command line taken apart: options by name, positionals, what stands behind `--`. Unknown words are USAGE errors with the nearest
 * known one. It must not know what an option means.
 */

import { parseArgs } from 'node:util';
import { LoopyardError } from '../core/errors.ts';
import { suggest } from '../core/suggest.ts';
import { type CommandPage, GLOBAL_OPTIONS, type OptionPage, usageLines } from '../generate/command-page.ts';

export class Args {
  readonly positionals: readonly string[];
  /** What stands behind `--`; null without one. */
  readonly rest: readonly string[] | null;
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(
    values: ReadonlyMap<string, readonly string[]>,
    positionals: readonly string[],
    rest: readonly string[] | null,
  ) {
    this.#values = values;
    this.positionals = positionals;
    this.rest = rest;
  }

  flag(name: string): boolean {
    return this.#values.has(name);
  }

  /** The last one given wins. */
  text(name: string): string | undefined {
    return this.#values.get(name)?.at(-1);
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }
}

/** The command word and what else stands before it or after it. */
export interface Split {
  readonly name: string | null;
  /** Everything but the command word, up to `--`. */
  readonly words: readonly string[];
  readonly rest: readonly string[] | null;
}

/** Finds the command word: the first one that is neither an option nor the value of a global option. */
export function splitCommand(argv: readonly string[]): Split {
  const dashes = argv.indexOf('--');
  const words = dashes < 0 ? argv : argv.slice(0, dashes);
  const rest = dashes < 0 ? null : argv.slice(dashes + 1);
  const { tokens } = tokenize(words, GLOBAL_OPTIONS);
  const first = tokens.find((token) => token.kind === 'positional');
  if (first === undefined) return { name: null, words, rest };
  return { name: words[first.index] ?? null, words: words.toSpliced(first.index, 1), rest };
}

type Known = Pick<CommandPage, 'name' | 'usage' | 'options' | 'positionals' | 'rest'>;

/** Errors: USAGE. */
export function parseCommandLine(split: Split, page: Known): Args {
  const options = [...page.options, ...GLOBAL_OPTIONS];
  const values = new Map<string, string[]>();
  const positionals: string[] = [];
  for (const token of tokenize(split.words, options).tokens) {
    if (token.kind === 'positional') positionals.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find((candidate) => candidate.name === token.name);
    if (option === undefined) throw unknownOption(token.rawName, options, page);
    const value = checkValue(option, token.value, page);
    values.set(option.name, [...(values.get(option.name) ?? []), value]);
  }
  const args = new Args(values, positionals, split.rest);
  // Help is given for a line that is not whole yet.
  if (!args.flag('help')) checkPositionals(args, page);
  return args;
}

/** Only what every command takes, e.g. for a bare `lo`. Errors: USAGE. */
export function parseGlobals(split: Split): Args {
  return parseCommandLine(split, { name: '', usage: [''], options: [], positionals: [], rest: null });
}

function tokenize(words: readonly string[], options: readonly OptionPage[]): ReturnType<typeof lenient> {
  return lenient(
    [...words],
    Object.fromEntries(
      options.map((option) => [
        option.name,
        {
          type: option.value === undefined ? ('boolean' as const) : ('string' as const),
          ...(option.short === undefined ? {} : { short: option.short }),
        },
      ]),
    ),
  );
}

type Config = Record<string, { type: 'boolean' | 'string'; short?: string }>;

// Not strict: its own errors neither suggest nor say what to do next.
function lenient(args: string[], options: Config) {
  return parseArgs({ args, options, strict: false, allowPositionals: true, tokens: true });
}

function checkValue(option: OptionPage, value: string | undefined, page: Known): string {
  if (option.value === undefined) {
    if (value === undefined) return '';
    throw usage(`--${option.name} takes no value`, page);
  }
  if (value === undefined || value === '')
    throw usage(`--${option.name} needs a value: ${option.value}`, page);
  return value;
}

function checkPositionals(args: Args, page: Known): void {
  const last = page.positionals.at(-1);
  const most = last?.count === 'many' ? Number.POSITIVE_INFINITY : page.positionals.length;
  const missing = page.positionals.find(
    (positional, index) => positional.count === 'one' && args.positionals[index] === undefined,
  );
  if (missing !== undefined) throw usage(`${missing.name} is missing`, page);
  if (args.rest !== null && page.rest === null) throw usage('nothing may stand behind `--` here', page);
  if (args.positionals.length <= most) return;
  const extra = args.positionals[most];
  throw page.rest === null
    ? usage(`\`${extra}\` is one word too many`, page)
    : usage(`\`${extra}\` is one word too many: the command to run stands behind \`--\``, page);
}

function unknownOption(rawName: string, options: readonly OptionPage[], page: Known): LoopyardError {
  const near = suggest(
    rawName.replace(/^-+/, ''),
    options.map((option) => option.name),
  );
  const reason = `there is no option ${rawName}${page.name === '' ? '' : ` for \`lo ${page.name}\``}`;
  if (near === undefined || rawName.length < 4) return usage(reason, page);
  return new LoopyardError('USAGE', {
    reason,
    fix: `did you mean --${near}? \`${helpCommand(page)}\` lists all`,
  });
}

function helpCommand(page: Pick<CommandPage, 'name'>): string {
  return `lo help ${page.name}`.trim();
}

/** An error about the words of this command; the next step is its usage. */
export function usage(reason: string, page: Pick<CommandPage, 'name' | 'usage'>): LoopyardError {
  const lines = usageLines(page).map((line) => `\`${line.trim()}\``);
  return new LoopyardError('USAGE', {
    reason,
    fix: `usage: ${lines.join(' or ')}; \`${helpCommand(page)}\` says more`,
  });
}
