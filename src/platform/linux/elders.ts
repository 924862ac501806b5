/** The order in which holders of one socket are named: a process before its descendants. Pure. */

/** Those of one generation keep their order. `parentOf` gives 0 where there is none to be seen. */
export function eldersFirst(holders: readonly number[], parentOf: (pid: number) => number): number[] {
  const isHolder = new Set(holders);
  const depths = new Map<number, number>();
  const depthOf = (pid: number): number => {
    let steps = 0;
    // Parents are read at several moments, so that a loop could be seen where there never was one.
    for (
      let parent = parentOf(pid);
      isHolder.has(parent) && steps < holders.length;
      parent = parentOf(parent)
    )
      steps += 1;
    return steps;
  };
  for (const pid of holders) depths.set(pid, depthOf(pid));
  return [...holders].sort((one, other) => (depths.get(one) ?? 0) - (depths.get(other) ?? 0));
}
