/** The paths of this user's Loopyard, from the process's environment. It must not touch what lies there. */

import { tmpdir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { shortHash } from '../core/hash.ts';
import { type HomePaths, homePaths } from '../core/paths.ts';

type Variables = Readonly<Record<string, string | undefined>>;

/** All that say where state lies. */
const PLACES = ['LOOPYARD_HOME', 'XDG_STATE_HOME', 'XDG_RUNTIME_DIR', 'HOME'] as const;

export function currentHome(variables: Variables = process.env): HomePaths {
  const absolute = { ...variables, ...absolutePlaces(variables) };
  // Without any it is the root directory, where a shell would begin; that it cannot be written is said by whoever tries.
  return homePaths({ variables: absolute, homedir: personOf(absolute) ?? '' }, (directory) => {
    const uid = process.getuid?.() ?? 0;
    const runtime = absolute.XDG_RUNTIME_DIR;
    // Right below the directory for everybody: in a subdirectory made by somebody else, ours could be exchanged for another.
    return runtime === undefined || runtime === ''
      ? `${tmpdir()}/loopyard-${uid}-${shortHash(directory)}`
      : `${runtime}/loopyard/${shortHash(directory)}`;
  });
}

/** Home directory of the person who runs this; null: a user number that nobody gave a home. */
export function personOf(variables: Variables): string | null {
  // An empty HOME, as some containers have it, is the root directory to `homedir`.
  if (variables.HOME !== undefined && variables.HOME !== '') return variables.HOME;
  try {
    return userInfo().homedir;
  } catch {
    // Containers run programs as users without a line in /etc/passwd.
    return null;
  }
}

/** Those of the variables that are set, absolute: the daemon works in another directory than its caller, and must mean the same. */
export function absolutePlaces(variables: Variables): Readonly<Record<string, string>> {
  const found = PLACES.flatMap((name) => {
    const value = variables[name];
    return value === undefined || value === '' ? [] : [[name, resolve(value)] as const];
  });
  return Object.fromEntries(found);
}
