/**
 * From a directory or a file to the project, or to one error that shows every mistake. The only place of this room that reads a config.
 */

import { readFile, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { LoopyardError } from '../core/errors.ts';
import type { FaultKind } from '../core/fault.ts';
import type { Project } from '../core/model.ts';
import type { RecipeCatalog } from '../core/recipe.ts';
import { formatSize } from '../core/units.ts';
import { type Diagnostic, formatDiagnostic } from './diagnostic.ts';
import { MAX_TEXT_LENGTH } from './document.ts';
import { findConfig, realDirectory } from './find-config.ts';
import { ioReason } from './io-reason.ts';
import { type ParseOptions, parseProject } from './parse-project.ts';

export interface LoadOptions {
  /** Where the search starts, and what a relative `file` is relative to. */
  readonly directory: string;
  readonly file?: string;
  readonly recipes: RecipeCatalog;
  /** Kinds of faults; none: no fault is known. */
  readonly faults?: readonly FaultKind[];
}

/** Throws CONFIG_NOT_FOUND, CONFIG_AMBIGUOUS, CONFIG_UNREADABLE, CONFIG_INVALID. */
export async function loadProject({ directory, file, recipes, faults = [] }: LoadOptions): Promise<Project> {
  const path = file === undefined ? await findConfig(directory) : await namedConfig(directory, file);
  if (path === null) throw new LoopyardError('CONFIG_NOT_FOUND', { directory });
  return parseOrThrow(await readConfig(path), { file: path, root: dirname(path), recipes, faults });
}

/** For text that stands in no file (`lo run`): `file` is null in the project. Throws CONFIG_INVALID. */
export function projectFromText(
  text: string,
  root: string,
  recipes: RecipeCatalog,
  faults: readonly FaultKind[] = [],
): Project {
  return parseOrThrow(text, { file: null, root, recipes, faults });
}

function parseOrThrow(text: string, options: ParseOptions): Project {
  const { file } = options;
  const { project, diagnostics } = parseProject(text, options);
  if (project !== null) return project;
  throw invalid(diagnostics, text, file ?? 'the given config');
}

const MOST_SHOWN = 50;

function invalid(diagnostics: readonly Diagnostic[], text: string, file: string): LoopyardError {
  const count = diagnostics.length === 1 ? '1 mistake' : `${diagnostics.length} mistakes`;
  const shown = diagnostics.slice(0, MOST_SHOWN).flatMap((diagnostic) => formatDiagnostic(diagnostic, text));
  const more = diagnostics.length - MOST_SHOWN;
  return new LoopyardError(
    'CONFIG_INVALID',
    { count, file },
    more > 0 ? [...shown, `… and ${more} more`] : shown,
  );
}

/** The directory without symbolic links, so that one checkout has one name. */
async function namedConfig(directory: string, file: string): Promise<string> {
  const path = resolve(directory, file);
  return join(await realDirectory(dirname(path)), basename(path));
}

async function readConfig(file: string): Promise<string> {
  const refuse = (reason: string): never => {
    throw new LoopyardError('CONFIG_UNREADABLE', { file, reason });
  };
  const bytes = await read(file).catch((thrown: unknown) => refuse(ioReason(thrown)));
  if (typeof bytes === 'string') return refuse(bytes);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return refuse('it is UTF-16 text; save it as UTF-8');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // The decoder throws for anything that is not UTF-8, and says no more than that.
    return refuse('it is not UTF-8 text');
  }
}

/** The bytes, or why they are not read. A FIFO or a device would never end. */
async function read(file: string): Promise<Buffer | string> {
  const facts = await stat(file);
  if (facts.isDirectory()) return 'it is a directory';
  if (!facts.isFile()) return 'it is not a regular file';
  // A character has up to three bytes per UTF-16 unit.
  if (facts.size > MAX_TEXT_LENGTH * 3)
    return `it has ${formatSize(facts.size)}; a config has at most ${formatSize(MAX_TEXT_LENGTH)}`;
  return readFile(file);
}
