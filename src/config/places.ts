/** Where services stand in a config's text: for whoever points at them from elsewhere. It must not judge what is written there. */

import { readFile } from 'node:fs/promises';
import { declaredPath, MOST_DECLARED } from '../core/declared-request.ts';
import { parseText } from './document.ts';

export interface TextPlace {
  /** Both from 1. */
  readonly line: number;
  readonly column: number;
  /** The recipe of `use:`; null: it has none. */
  readonly use: string | null;
  /** The path of `ready: { http: … }`; null: it has none. */
  readonly readyPath: string | null;
  /** The paths of `audit: { csrf: [POST …] }`. */
  readonly csrfPaths: readonly string[];
}

/** By name of the service. Empty where the file cannot be read or understood: a place is a help, never a need. */
export async function servicePlaces(file: string): Promise<ReadonlyMap<string, TextPlace>> {
  const text = await readText(file);
  const services = parseText(text).root?.entries?.get('services')?.value.entries ?? new Map();
  return new Map(
    [...services].map(([name, { key, value }]) => {
      const use = value.entries?.get('use')?.value.value;
      const path = value.entries?.get('ready')?.value.entries?.get('http')?.value.value;
      const csrf = value.entries?.get('audit')?.value.entries?.get('csrf')?.value.value;
      const place = placeAt(text, key.start);
      return [name, { ...place, use: textOf(use), readyPath: textOf(path), csrfPaths: declaredIn(csrf) }];
    }),
  );
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function declaredIn(value: unknown): readonly string[] {
  const requests = Array.isArray(value) ? value.slice(0, MOST_DECLARED) : [];
  return requests.flatMap((request) => declaredPath(request) ?? []);
}

function placeAt(text: string, offset: number): Pick<TextPlace, 'line' | 'column'> {
  const before = text.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  return { line: before.split('\n').length, column: offset - lineStart + 1 };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    // Moved or closed since its services were started.
    return '';
  }
}
