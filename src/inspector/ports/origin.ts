/** Where a process comes from, in words. Pure. */

import type { ProcessDescription } from '../../platform/facts.ts';

export function originOf(
  process: ProcessDescription,
  ancestors: readonly ProcessDescription[],
  homeDirectory: string,
): string {
  const [parent] = ancestors;
  const where = process.cwd === null ? '' : ` in ${tilde(process.cwd, homeDirectory)}`;
  return parent === undefined
    ? `started by nobody who can be seen${where}`
    : `started by ${parent.name}${where}`;
}

function tilde(path: string, homeDirectory: string): string {
  return path === homeDirectory || path.startsWith(`${homeDirectory}/`)
    ? `~${path.slice(homeDirectory.length)}`
    : path;
}
