/**
 * The packages of a monorepo (npm, yarn, bun: `workspaces`; pnpm: `pnpm-workspace.yaml`).
 */

import { join, posix } from 'node:path';
import { parse } from 'yaml';
import { readSmall, subdirectories } from './files.ts';
import { type Package, readPackage } from './package.ts';

export interface Workspace {
  /** Relative to the root, with `/`. */
  readonly path: string;
  readonly package: Package;
}

const MOST_PACKAGES = 300;
const DEEPEST = 5;

/** Sorted by path; empty when the package has none. */
export async function findWorkspaces(directory: string, root: Package): Promise<readonly Workspace[]> {
  const patterns = [...root.workspaces, ...(await pnpmPatterns(directory))].map((pattern) =>
    posix.normalize(pattern).replace(/\/$/, ''),
  );
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!'));
  const refused = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => toRegExp(pattern.slice(1)));
  const paths = new Set<string>();
  for (const pattern of wanted) for (const path of await expand(directory, pattern)) paths.add(path);
  const kept = [...paths].filter((path) => !refused.some((pattern) => pattern.test(path))).sort();
  const read = await Promise.all(
    kept
      .slice(0, MOST_PACKAGES)
      .map(async (path) => ({ path, package: await readPackage(join(directory, path)) })),
  );
  return read.flatMap(({ path, package: found }) =>
    found === null || found === 'broken' ? [] : [{ path, package: found }],
  );
}

async function pnpmPatterns(directory: string): Promise<readonly string[]> {
  const text = await readSmall(directory, 'pnpm-workspace.yaml');
  if (text === null) return [];
  try {
    const { packages } = (parse(text, { logLevel: 'silent' }) ?? {}) as { packages?: unknown };
    return Array.isArray(packages) ? packages.filter((item) => typeof item === 'string') : [];
  } catch {
    // Not YAML: pnpm itself would stop here, and there is nothing to propose.
    return [];
  }
}

/** Directories that match, without following what leads out of the project. */
async function expand(directory: string, pattern: string): Promise<readonly string[]> {
  if (pattern.startsWith('..') || pattern.startsWith('/')) return [];
  let found: readonly string[] = [''];
  for (const step of pattern.split('/')) {
    if (step === '.' || step === '') continue;
    const next = await Promise.all(found.map((path) => matches(directory, path, step)));
    found = next.flat().slice(0, MOST_PACKAGES * 10);
  }
  return found.filter((path) => path !== '');
}

async function matches(directory: string, path: string, step: string): Promise<readonly string[]> {
  if (step === '**') return below(directory, path, DEEPEST);
  if (!step.includes('*')) return [posix.join(path, step)];
  const pattern = toRegExp(step);
  const names = await subdirectories(join(directory, path));
  return names.filter((name) => pattern.test(name)).map((name) => posix.join(path, name));
}

async function below(directory: string, path: string, depth: number): Promise<readonly string[]> {
  if (depth === 0) return [path];
  const names = await subdirectories(join(directory, path));
  const deeper = await Promise.all(names.map((name) => below(directory, posix.join(path, name), depth - 1)));
  return [path, ...deeper.flat()];
}

/** `**` for any steps, `*` for anything within one. */
function toRegExp(pattern: string): RegExp {
  const parts = pattern.split(/(\*\*\/?|\*)/).map((part) => {
    if (part.startsWith('**')) return '(?:.*)';
    return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
