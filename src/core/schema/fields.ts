/**
 * The building stones of the config schema: a field with its notes, and the words for a value of the wrong kind. It must not know
 * which keys a config has (see `../schema.ts`).
 */

import * as z from 'zod/mini';
import { DURATION, parseDuration } from '../units.ts';

/** What the reference page and editors say about a key. */
export interface FieldNotes {
  /** The accepted forms in a few words, e.g. `port, or map of name to port`. */
  readonly type: string;
  /** What it means, in one or two sentences. */
  readonly summary: string;
  /** What holds without it, in words or as YAML. */
  readonly fallback: string;
  /** YAML of the value, on one line. */
  readonly example: string;
  /** The same value as data, for editors. */
  readonly value: unknown;
}

export const fieldNotes = z.registry<FieldNotes>();
/** What goes into the JSON Schema as it stands. */
export const schemaNotes = z.registry<{
  readonly description: string;
  readonly examples?: readonly unknown[];
}>();

/** A copy with notes, since many fields share one schema; wrap it in `z.optional` afterwards, not before. */
export function field<T extends z.ZodMiniType>(schema: T, notes: FieldNotes): T {
  const own = schema.clone() as T;
  fieldNotes.add(own, notes);
  schemaNotes.add(own, {
    description: `${notes.summary}${fallbackWords(notes.fallback)}`,
    examples: [notes.value],
  });
  return own;
}

function fallbackWords(fallback: string): string {
  if (fallback === 'none') return '';
  return fallback === 'required' ? ' Required.' : ` Default: ${fallback}.`;
}

/** Says what was expected and what was found instead. */
export function expected(words: string): { readonly error: (issue: { readonly input?: unknown }) => string } {
  return { error: (issue) => `expected ${words}, got ${gotWords(issue.input)}` };
}

/** `nothing`, `the number 30`, `the text "abc"`, `a list`, `a map`. */
export function gotWords(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'string') return `the text ${JSON.stringify(shorten(value))}`;
  if (typeof value === 'number' || typeof value === 'bigint') return `the number ${value}`;
  return typeof value === 'object' ? 'a map' : String(value);
}

/** Anything longer would make setTimeout fire at once. */
const LONGEST_MS = 24 * 3_600_000;

export function duration(leastMs: number): z.ZodMiniString {
  const words = expected('a duration such as 250ms, 5s or 2m');
  return z.string(words).check(
    z.regex(DURATION, words),
    z.refine((text) => (parseDuration(text) ?? 0) <= LONGEST_MS, 'a duration is at most 24h'),
    z.refine(
      (text) => (parseDuration(text) ?? leastMs) >= leastMs,
      `a duration here is at least ${leastMs}ms`,
    ),
  );
}

export function nonEmptyText(what: string): z.ZodMiniString {
  const words = expected(what);
  return z.string(words).check(
    z.regex(/\S/, words),
    z.refine((text) => !text.includes('\0'), `a NUL character cannot stand in ${what}`),
  );
}

function shorten(value: string): string {
  return value.length > 40 ? `${value.slice(0, 39)}…` : value;
}
