/** The paths of this user's Loopyard, from the process's environment. It must not touch what lies there. */

import { homedir, tmpdir, userInfo } from 'node:os';
import { shortHash } from '../core/hash.ts';
import { type HomePaths, homePaths } from '../core/paths.ts';

export function currentHome(
  variables: Readonly<Record<string, string | undefined>> = process.env,
): HomePaths {
  return homePaths({ variables, homedir: homedir() }, (home) => {
    const { uid } = userInfo();
    const runtime = variables.XDG_RUNTIME_DIR;
    const base =
      runtime === undefined || runtime === '' ? `${tmpdir()}/loopyard-${uid}` : `${runtime}/loopyard`;
    return `${base}/${shortHash(home)}`;
  });
}
