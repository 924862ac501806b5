/** The paths of this user's Loopyard, from the process's environment. It must not touch what lies there. */

import { homedir, tmpdir, userInfo } from 'node:os';
import { resolve } from 'node:path';
import { shortHash } from '../core/hash.ts';
import { type HomePaths, homePaths } from '../core/paths.ts';

/** Absolute: the daemon works in another directory than its caller. */
export function currentHome(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): HomePaths {
  const given = variables.LOOPYARD_HOME;
  const absolute = given === undefined || given === '' ? {} : { LOOPYARD_HOME: resolve(given) };
  return homePaths({ variables: { ...variables, ...absolute }, homedir: homedir() }, (home) => {
    const { uid } = userInfo();
    const runtime = variables.XDG_RUNTIME_DIR;
    // Right below the directory for everybody: in a subdirectory made by somebody else, ours could be exchanged for another.
    return runtime === undefined || runtime === ''
      ? `${tmpdir()}/loopyard-${uid}-${shortHash(home)}`
      : `${runtime}/loopyard/${shortHash(home)}`;
  });
}
