/**
 * One package.json, as far as discovery reads it. Nothing in it is trusted to have the right type.
 */

import { isThere, readSmall } from './files.ts';

export interface Package {
  readonly name: string | null;
  readonly scripts: ReadonlyMap<string, string>;
  /** Names of all dependencies, for development and use. */
  readonly dependencies: ReadonlySet<string>;
  readonly workspaces: readonly string[];
  readonly manager: Manager | null;
}

export type Manager = 'npm' | 'pnpm' | 'yarn' | 'bun';

/** null: there is none. `broken`: there is one that is not JSON. */
export async function readPackage(directory: string): Promise<Package | 'broken' | null> {
  const text = await readSmall(directory, 'package.json');
  if (text === null) return null;
  try {
    const json: unknown = JSON.parse(text);
    return isRecord(json) ? toPackage(json) : 'broken';
  } catch {
    // JSON.parse throws for what is not JSON; the finding says so.
    return 'broken';
  }
}

/** By its lock file, since `packageManager` is often not there. */
export async function managerOf(directory: string, own: Package): Promise<Manager> {
  if (own.manager !== null) return own.manager;
  for (const [file, manager] of LOCK_FILES) if (await isThere(directory, file)) return manager;
  return 'npm';
}

/** The command that runs a script: `npm run dev`. */
export function runScript(manager: Manager, script: string): string {
  const word = /^[\w:.@/-]+$/.test(script) ? script : `'${script.replaceAll("'", `'\\''`)}'`;
  return script === 'start' && manager !== 'bun' ? `${manager} start` : `${manager} run ${word}`;
}

const LOCK_FILES: readonly (readonly [string, Manager])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
];

function toPackage(json: Readonly<Record<string, unknown>>): Package {
  const { name, scripts, dependencies, devDependencies, workspaces, packageManager } = json;
  const manager = /^(npm|pnpm|yarn|bun)@/.exec(String(packageManager))?.[1];
  return {
    name: typeof name === 'string' ? name : null,
    scripts: new Map(
      Object.entries(isRecord(scripts) ? scripts : {}).flatMap(([key, value]) =>
        typeof value === 'string' && value.trim() !== '' ? [[key, value]] : [],
      ),
    ),
    dependencies: new Set(
      [dependencies, devDependencies].flatMap((list) => Object.keys(isRecord(list) ? list : {})),
    ),
    workspaces: texts(isRecord(workspaces) ? workspaces.packages : workspaces),
    manager: (manager as Manager | undefined) ?? null,
  };
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
