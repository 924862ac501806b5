/** Finds programs: on a service's PATH, in node_modules/.bin upwards, and where packages put what is not on PATH. */

import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import type { RecipeProgram } from '../core/recipe.ts';

/**
 * PATH with each `node_modules/.bin` from `cwd` upwards in front, nearest first. One that a stranger made is passed over: above a
 * checkout in a directory that everybody can write to, such as /tmp, it would put any program in front of the system's.
 */
export function servicePath(cwd: string, path: string): string {
  const bins: string[] = [];
  const trusted = new Set([process.getuid?.(), 0, ownerOf(cwd)]);
  for (let directory = cwd; ; directory = dirname(directory)) {
    const bin = join(directory, 'node_modules', '.bin');
    const owners = [ownerOf(dirname(bin)), ownerOf(bin)];
    if (owners.every((owner) => owner !== undefined && trusted.has(owner))) bins.push(bin);
    if (directory === dirname(directory)) break;
  }
  return [...bins, ...path.split(delimiter).filter((entry) => entry !== '')].join(delimiter);
}

function ownerOf(path: string): number | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })?.uid;
  } catch {
    // Not ours to look into.
    return undefined;
  }
}

/** Absolute path of an executable file, or null. A name with a slash is taken from `cwd`. */
export function findProgram(name: string, path: string, cwd: string): string | null {
  if (name.includes('/')) {
    const file = isAbsolute(name) ? name : resolve(cwd, name);
    return isExecutable(file) ? file : null;
  }
  for (const directory of path.split(delimiter)) {
    const file = resolve(cwd, directory, name);
    if (directory !== '' && isExecutable(file)) return file;
  }
  return null;
}

/** As `findProgram`, then in `alsoIn`, where `*` is one path segment and the highest version wins. */
export function findRecipeProgram(program: RecipeProgram, path: string, cwd: string): string | null {
  const onPath = findProgram(program.program, path, cwd);
  if (onPath !== null) return onPath;
  for (const pattern of program.alsoIn) {
    for (const directory of expand(pattern)) {
      const file = join(directory, program.program);
      if (isExecutable(file)) return file;
    }
  }
  return null;
}

function expand(pattern: string): readonly string[] {
  const star = pattern.indexOf('*');
  if (star < 0) return [pattern];
  const parent = pattern.slice(0, star);
  return entries(parent)
    .sort((one, other) => other.localeCompare(one, 'en', { numeric: true }))
    .map((entry) => `${parent}${entry}${pattern.slice(star + 1)}`);
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not installed there.
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    // Missing or not ours to run: the search goes on.
    return false;
  }
}
