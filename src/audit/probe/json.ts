/** JSON of strangers, read without trust in its shape. Pure; it must not know what it is looked at for. */

import { bodyText, type Reply } from './reply.ts';

/** Undefined: it is no JSON. */
export function jsonOf(reply: Pick<Reply, 'body'>): unknown {
  return parsed(bodyText(reply));
}

export function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // Most servers answer something else, which is what is asked here.
    return undefined;
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What stands below these keys, one after the other; undefined: nothing does. */
export function dig(value: unknown, ...keys: readonly string[]): unknown {
  let at = value;
  for (const key of keys) at = isRecord(at) && Object.hasOwn(at, key) ? at[key] : undefined;
  return at;
}

/** An array of such records, or an empty one; null: it is something else. */
export function listOf(value: unknown, ...keys: readonly string[]): readonly unknown[] | null {
  if (!Array.isArray(value)) return null;
  const isWhole = value.every((item) => keys.every((key) => dig(item, key) !== undefined));
  return isWhole ? value : null;
}
