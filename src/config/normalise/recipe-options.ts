/**
 * `use:` and `with:` against the recipes that were handed in; defaults are filled in here.
 */

import { findRecipe, type Recipe, type RecipeCatalog, type RecipeOption } from '../../core/recipe.ts';
import { gotWords } from '../../core/schema/fields.ts';
import { suggest } from '../../core/suggest.ts';
import type { Path, Reporter } from '../reporter.ts';
import type { Context, Draft } from './draft.ts';

/** The recipe, or null after saying that there is none of that name. */
export function chooseRecipe(
  name: string,
  path: Path,
  recipes: RecipeCatalog,
  report: Reporter,
): Recipe | null {
  const recipe = findRecipe(recipes, name);
  if (recipe !== undefined) return recipe;
  const names = recipes.map((candidate) => candidate.name);
  const near = suggest(name, names);
  const hint =
    near === undefined
      ? `known are ${names.map((word) => `\`${word}\``).join(', ')}`
      : `did you mean \`${near}\`?`;
  report.value(path, `there is no recipe named \`${name}\``, hint);
  return null;
}

export function readOptions(
  draft: Draft,
  recipe: Recipe,
  { report }: Context,
): Readonly<Record<string, unknown>> {
  const given = draft.raw.with ?? {};
  const path = [...draft.path, 'with'];
  reportUnknown(given, recipe, path, report);
  const before = new Set<string>();
  const options = recipe.options.flatMap((option): [string, unknown][] => {
    const answer = readOption(option, given, [...path, option.name], report);
    if (answer.wrong) before.add(option.name);
    return answer.value === undefined ? [] : [[option.name, answer.value]];
  });
  if (!Object.hasOwn(draft.raw, 'with') && draft.wrong.has('with')) return {};
  reportMissing(recipe, given, draft, report);
  const read = Object.fromEntries(options);
  // The recipe's own check may trust the types, so it is asked only when they are right.
  if (before.size === 0) {
    for (const { option, message } of recipe.check(read))
      report.value([...path, option], `with.${option}: ${message}`);
  }
  return read;
}

function reportUnknown(
  given: Readonly<Record<string, unknown>>,
  recipe: Recipe,
  path: Path,
  report: Reporter,
): void {
  const known = recipe.options.map((option) => option.name);
  for (const key of Object.keys(given)) {
    if (known.includes(key)) continue;
    report.key([...path, key], `the recipe ${recipe.name} has no option \`${key}\``, hintFor(key, known));
  }
}

function hintFor(key: string, known: readonly string[]): string {
  if (known.length === 0) return 'it has no options';
  const near = suggest(key, known);
  if (near !== undefined) return `did you mean \`${near}\`?`;
  const list = `known are ${known.map((name) => `\`${name}\``).join(', ')}`;
  // People try the program's own settings first.
  return known.includes('settings')
    ? `${list}; settings of the program itself are \`settings.${key}\``
    : list;
}

function reportMissing(
  recipe: Recipe,
  given: Readonly<Record<string, unknown>>,
  draft: Draft,
  report: Reporter,
): void {
  const missing = recipe.options.filter(
    (option) => option.required === true && !Object.hasOwn(given, option.name),
  );
  const path = Object.hasOwn(draft.raw, 'with') ? 'with' : 'use';
  for (const option of missing) {
    report.key(
      [...draft.path, path],
      `the recipe ${recipe.name} needs the option \`${option.name}\``,
      `add \`with: { ${option.name}: … }\`: ${option.summary}`,
    );
  }
}

interface Answer {
  readonly value: unknown;
  readonly wrong: boolean;
}

function readOption(
  option: RecipeOption,
  given: Readonly<Record<string, unknown>>,
  path: Path,
  report: Reporter,
): Answer {
  if (!Object.hasOwn(given, option.name)) return { value: option.default, wrong: false };
  const raw = given[option.name];
  const value = accept(option.type, raw);
  if (value === undefined) {
    const { steps, words, found } = firstWrong(option, raw);
    const name = [option.name, ...steps]
      .map((step) => (typeof step === 'number' ? `[${step}]` : `.${step}`))
      .join('');
    report.value(
      [...path, ...steps],
      `with${name}: expected ${words}, got ${gotWords(found)}`,
      quoteHint(option, raw),
    );
    return { value: undefined, wrong: true };
  }
  const { pattern } = option;
  if (pattern === undefined || typeof value !== 'string' || new RegExp(pattern.regex).test(value))
    return { value, wrong: false };
  report.value(path, `with.${option.name}: expected ${pattern.words}, got ${gotWords(value)}`);
  return { value: undefined, wrong: true };
}

/** The normalised value; undefined when it is of the wrong kind. */
function accept(type: RecipeOption['type'], value: unknown): unknown {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'boolean':
      return typeof value === 'boolean' ? value : undefined;
    case 'integer':
      return Number.isSafeInteger(value) ? value : undefined;
    case 'string-list':
      if (typeof value === 'string') return [value];
      return Array.isArray(value) && value.every((item) => typeof item === 'string') ? value : undefined;
    case 'map':
      return isPlainMap(value) ? value : undefined;
    default:
      return type satisfies never;
  }
}

function isPlainMap(value: unknown): boolean {
  return isMap(value) && Object.values(value).every(isScalar);
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

interface Wrong {
  /** From the option's value down. */
  readonly steps: Path;
  readonly words: string;
  readonly found: unknown;
}

/** The item of a list or the value of a map that is wrong, else the whole. */
function firstWrong({ type }: RecipeOption, value: unknown): Wrong {
  if (type === 'string-list' && Array.isArray(value)) {
    const at = value.findIndex((item) => typeof item !== 'string');
    return { steps: [at], words: 'text', found: value[at] };
  }
  if (type === 'map' && isMap(value)) {
    const [name = '', found] = Object.entries(value).find(([, item]) => !isScalar(item)) ?? [];
    return { steps: [name], words: 'a text, number or boolean', found };
  }
  return { steps: [], words: TYPE_WORDS[type], found: value };
}

const TYPE_WORDS: Readonly<Record<RecipeOption['type'], string>> = {
  string: 'text',
  integer: 'a whole number',
  boolean: 'true or false',
  'string-list': 'a text or a list of texts',
  map: 'a map of names to texts, numbers or booleans',
};

function quoteHint(option: RecipeOption, raw: unknown): string | undefined {
  const plain = typeof raw === 'number' || typeof raw === 'boolean';
  return option.type === 'string' && plain ? `put it in quotes: \`${option.name}: "${raw}"\`` : undefined;
}
