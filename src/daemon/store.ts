/**
 * The JSON files of the state directory: read whole, written whole and atomically. A torn or newer file is set aside and reported,
 * never wiped. It must not know what the documents mean.
 */

import { readFileSync } from 'node:fs';
import { LoopyardError, reasonOf } from '../core/errors.ts';
import { setAside, writeAtomic } from '../platform/files.ts';

export interface StateFile<T extends { readonly schema: number }> {
  read(): T | null;
  /** Errors: STATE_UNWRITABLE. */
  write(document: T): void;
}

/** `report` hears of files set aside. */
export function stateFile<T extends { readonly schema: number }>(
  path: string,
  schema: T['schema'],
  report: (error: LoopyardError) => void,
): StateFile<T> {
  return {
    read() {
      const text = readText(path);
      if (text === null) return null;
      const document = parse(text);
      if (document !== null && document.schema === schema) return document as T;
      report(new LoopyardError('STATE_UNREADABLE', { file: path, aside: setAside(path) }));
      return null;
    },
    write(document) {
      writeAtomic(path, `${JSON.stringify(document)}\n`);
    },
  };
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new LoopyardError('STATE_UNWRITABLE', { directory: path, reason: reasonOf(error) }, [], error);
  }
}

function parse(text: string): { readonly schema?: unknown } | null {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === 'object' && document !== null ? document : null;
  } catch {
    // Torn: the caller sets it aside and says so.
    return null;
  }
}
