/** What the recipes share: typed reading of checked options, ports, quoting. It must not know any one program. */

import type { RecipeFacts } from '../core/recipe.ts';

type Options = Readonly<Record<string, unknown>>;
export type Scalar = string | number | boolean;

/** Empty texts count as not given. */
export function text(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

export function flag(options: Options, name: string): boolean {
  return options[name] === true;
}

/** A list of texts; a single text is a list of one. */
export function texts(options: Options, name: string): readonly string[] {
  const value = options[name];
  if (typeof value === 'string') return value === '' ? [] : [value];
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}

/** The entries of a map whose values are text, number or boolean, in the order of the file. */
export function scalars(options: Options, name: string): readonly (readonly [string, Scalar])[] {
  return entries(options, name).filter((entry): entry is [string, Scalar] => isScalar(entry[1]));
}

/** The keys of a map whose values are neither text, number nor boolean. */
export function nonScalars(options: Options, name: string): readonly string[] {
  return entries(options, name).flatMap(([key, value]) => (isScalar(value) ? [] : [key]));
}

/** The port of the named endpoint; else of the first, for a service that gave its endpoints names of its own. */
export function portOf(facts: Pick<RecipeFacts, 'ports'>, endpoint: string, usual: number): number {
  return facts.ports[endpoint] ?? Object.values(facts.ports)[0] ?? usual;
}

/** Relative paths of `with:` start from the project's root. */
export function fromRoot(facts: Pick<RecipeFacts, 'projectRoot'>, path: string): string {
  return path.startsWith('/') ? path : `${facts.projectRoot}/${path}`;
}

/** One word for `sh`, whatever it holds. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

function entries(options: Options, name: string): readonly [string, unknown][] {
  const value = options[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}
