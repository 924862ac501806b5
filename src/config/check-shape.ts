/**
 * Values against the schema, field by field, so that one mistake does not hide the others: every field that is right comes back.
 */

import * as z from 'zod/mini';
import { keysAt } from '../core/schema/walk.ts';
import { FREE_KEY, RESERVED_KEYS } from '../core/schema.ts';
import { suggest } from '../core/suggest.ts';
import { foreignKey } from './foreign-keys.ts';
import type { Path, Reporter } from './reporter.ts';

type Shape = Readonly<Record<string, z.ZodMiniType>>;
type Fields<T extends Shape> = { readonly [Key in keyof T]?: NonNullable<z.infer<T[Key]>> };

export interface Checked<T extends Shape> {
  readonly fields: Fields<T>;
  /** Keys that are there but wrong: nothing may be concluded from their absence in `fields`. */
  readonly wrong: ReadonlySet<string>;
}

export function checkFields<T extends Shape>(
  shape: T,
  value: object,
  path: Path,
  report: Reporter,
): Checked<T> {
  const fields: Record<string, unknown> = {};
  const wrong = new Set<string>();
  for (const [key, given] of Object.entries(value)) {
    const own = [...path, key];
    if (Object.hasOwn(shape, key)) {
      const answer = checkField(shape[key] as z.ZodMiniType, given, own, report);
      if (answer.wrong) wrong.add(key);
      if (answer.value !== undefined) fields[key] = answer.value;
    } else if (!FREE_KEY.test(key)) {
      const meant = reportUnknown(key, Object.keys(shape), own, report);
      if (meant !== undefined) wrong.add(meant);
    }
  }
  return { fields: fields as Fields<T>, wrong };
}

function checkField(
  schema: z.ZodMiniType,
  given: unknown,
  path: Path,
  report: Reporter,
): { value: unknown; wrong: boolean } {
  const answer = z.safeParse(schema, given);
  if (answer.success) return { value: answer.data, wrong: false };
  const places = answer.error.issues.flatMap((issue) => reportIssue(issue, schema, path, [], report));
  const rest = z.safeParse(schema, without(given, places));
  return { value: rest.success ? rest.data : undefined, wrong: true };
}

/** The value without the parts that were wrong, so that the others are still checked; undefined when it was wrong as a whole. */
function without(value: unknown, places: readonly Path[]): unknown {
  if (places.some((place) => place.length === 0)) return undefined;
  const spoiled = new Set(places.map((place) => String(place[0])));
  if (Array.isArray(value)) return value.filter((_, at) => !spoiled.has(String(at)));
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.fromEntries(Object.entries(value).filter(([key]) => !spoiled.has(key)));
}

/** `below`: the steps from the field's value to the issue's. Returns the places below the field that are wrong. */
function reportIssue(
  issue: z.core.$ZodIssue,
  schema: z.ZodMiniType,
  field: Path,
  below: Path,
  report: Reporter,
): readonly Path[] {
  const inner = [...below, ...(issue.path as Path)];
  const path = [...field, ...inner];
  switch (issue.code) {
    case 'invalid_union': {
      const branch = likelyBranch(issue.errors);
      if (branch !== null)
        return branch.flatMap((nested) => reportIssue(nested, schema, field, inner, report));
      const values = issue.errors
        .flat()
        .flatMap((nested) => (nested.code === 'invalid_value' ? nested.values : []));
      report.value(path, prefixed(path, issue.message), nearValue(values, path, report));
      return [inner];
    }
    case 'unrecognized_keys':
      for (const key of issue.keys) reportUnknown(key, keysAt(schema, inner) ?? [], [...path, key], report);
      return issue.keys.map((key) => [...inner, key]);
    case 'invalid_key':
      report.key(path, prefixed(path.slice(0, -1), issue.issues[0]?.message ?? issue.message));
      return [inner];
    case 'invalid_value':
      report.value(path, prefixed(path, issue.message), nearValue(issue.values, path, report));
      return [inner];
    default:
      report.value(path, prefixed(path, issue.message));
      return [inner];
  }
}

/** The form that a person had in mind: the one whose kind of value was right. */
function likelyBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] | null {
  const matching = branches.filter(
    (issues) => !issues.some((issue) => issue.path.length === 0 && WRONG_KIND.has(issue.code)),
  );
  return matching.length === 1 ? (matching[0] ?? null) : null;
}

const WRONG_KIND: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value', 'invalid_union']);

function nearValue(values: readonly unknown[], path: Path, report: Reporter): string | undefined {
  const given = report.source(path) ?? '';
  const words = values.filter((value) => typeof value === 'string');
  // `TERM` is nearer to `SIGTERM` than letters tell.
  const near =
    suggest(given, words) ?? words.find((word) => given.length > 2 && word.endsWith(given.toUpperCase()));
  return near === undefined ? undefined : `did you mean \`${near}\`?`;
}

/** Returns the key that was meant, when that can be told. */
function reportUnknown(
  key: string,
  known: readonly string[],
  path: Path,
  report: Reporter,
): string | undefined {
  const near = suggest(key, known);
  // Only the top of the file and a service have keys that other tools or later versions know.
  if (path.length > 3) {
    report.key(
      path,
      `unknown key \`${key}\` in \`${path.at(-2)}\``,
      near === undefined ? knownKeys(known) : `did you mean \`${near}\`?`,
    );
    return near;
  }
  const foreign = foreignKey(key);
  if (foreign !== undefined) {
    report.key(path, `unknown key \`${key}\``, foreign.hint);
    return foreign.meant;
  }
  if (RESERVED_KEYS.includes(key)) {
    report.key(
      path,
      `\`${key}\` is reserved for a later version`,
      'notes of your own go under a key that starts with `x-`',
    );
    return undefined;
  }
  report.key(
    path,
    `unknown key \`${key}\``,
    near === undefined ? knownKeys(known) : `did you mean \`${near}\`?`,
  );
  return near;
}

function knownKeys(known: readonly string[]): string | undefined {
  const names = known.filter((name) => !name.startsWith('$')).map((name) => `\`${name}\``);
  return names.length === 0 ? undefined : `known are ${names.join(', ')}`;
}

/** `port: expected …`, `needs[0]: …`, `ready.timeout: …`: the path from the service or the top of the file. */
function prefixed(path: Path, message: string): string {
  const own = path[0] === 'services' && path.length > 2 ? path.slice(2) : path;
  const name = own
    .map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`))
    .join('');
  return name === '' ? message : `${name}: ${message}`;
}
