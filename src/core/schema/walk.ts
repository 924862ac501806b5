/**
 * Looks into the schema: which keys a map at some path may have, and all documented keys in order. It must not know what the keys
 * mean.
 */

import type * as z from 'zod/mini';
import { type FieldNotes, fieldNotes } from './fields.ts';

type Any = z.core.$ZodType;
type Shape = Readonly<Record<string, Any>>;

/** The keys that a map at `path` below `schema` may have; null where every key goes. */
export function keysAt(schema: Any, path: readonly PropertyKey[]): readonly string[] | null {
  for (const option of options(schema)) {
    const [first, ...rest] = path;
    const shape = shapeOf(option);
    if (first === undefined) {
      if (shape !== null) return Object.keys(shape);
      continue;
    }
    const child = shape?.[String(first)] ?? elementOf(option);
    const keys = child === undefined ? null : keysAt(child, rest);
    if (keys !== null) return keys;
  }
  return null;
}

export interface DocumentedField extends FieldNotes {
  /** From the shape down, e.g. `['ready', 'timeout']`; `*` stands for a name that the file chooses. */
  readonly path: readonly string[];
}

/** Every key with notes, parents before their children, in the order of the schema. */
export function listFields(shape: Shape, path: readonly string[] = []): readonly DocumentedField[] {
  return Object.entries(shape).flatMap(([key, schema]) => {
    const own = [...path, key];
    const inner = unwrap(schema);
    const notes = fieldNotes.get(inner as z.ZodMiniType);
    const below = options(inner).flatMap((option) => fieldsBelow(option, own));
    return notes === undefined ? below : [{ ...notes, path: own }, ...below];
  });
}

function fieldsBelow(schema: Any, path: readonly string[]): readonly DocumentedField[] {
  const shape = shapeOf(schema);
  if (shape !== null) return listFields(shape, path);
  const element = elementOf(schema);
  return element === undefined
    ? []
    : options(element).flatMap((option) => fieldsBelow(option, [...path, '*']));
}

/** The forms of a union, or the schema itself. */
function options(schema: Any): readonly Any[] {
  const { def } = unwrap(schema)._zod as { def: { type: string; options?: readonly Any[] } };
  return def.type === 'union' ? (def.options ?? []).flatMap(options) : [unwrap(schema)];
}

function unwrap(schema: Any): Any {
  const { def } = schema._zod as { def: { type: string; innerType?: Any } };
  return def.type === 'optional' && def.innerType !== undefined ? unwrap(def.innerType) : schema;
}

function shapeOf(schema: Any): Shape | null {
  const { def } = schema._zod as { def: { type: string; shape?: Shape } };
  return def.type === 'object' ? (def.shape ?? null) : null;
}

/** What a list or a map of free keys holds. */
function elementOf(schema: Any): Any | undefined {
  const { def } = schema._zod as { def: { type: string; element?: Any; valueType?: Any } };
  return def.type === 'array' ? def.element : def.type === 'record' ? def.valueType : undefined;
}
