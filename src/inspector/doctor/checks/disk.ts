/** Room for logs and data: free space, and whether a file there can be written and have its head freed (tried, when there is a home). */

import { formatSize } from '../../../core/units.ts';
import type { FileSystemSpace, FileTrial } from '../../../platform/health.ts';
import { type Check, type Finding, fail, quoted, together, unknown, warn } from '../check.ts';

const LITTLE_BYTES = 1_000_000_000;
const TOO_LITTLE_BYTES = 50_000_000;
const LITTLE_FILES = 1000;

export const disk: Check = {
  id: 'disk',
  title: 'Disk',
  group: 'state',
  async examine({ health, own }) {
    const { home } = own.place();
    const [space, there] = await Promise.all([health.space(home), health.path(home)]);
    if ('code' in space) return unknown(`free space cannot be read: ${space.code}`);
    const problems = [...shortages(space, home)];
    // Without a home nothing is written anywhere: the doctor leaves no trace.
    const canTry = !('code' in there) && there.kind === 'directory' && there.writable;
    if (canTry) problems.push(...trialProblems(await health.tryFile(home), home, space.kind));
    const holes = canTry ? ', and logs there can be cut at their head' : '';
    return together(problems, `${formatSize(space.freeBytes)} free (${space.kind})${holes}`);
  },
};

function shortages(space: FileSystemSpace, home: string): readonly Finding[] {
  // Some kinds count nothing (ramfs), which is not "full".
  if (space.totalBytes === 0) return [];
  const problems: Finding[] = [];
  const free = formatSize(space.freeBytes);
  const look = `df -h ${quoted(home)}`;
  if (space.freeBytes < TOO_LITTLE_BYTES)
    problems.push(fail(`only ${free} free for state, logs and data`, look));
  else if (space.freeBytes < LITTLE_BYTES) problems.push(warn(`${free} free for state, logs and data`, look));
  if (space.freeFiles !== null && space.freeFiles < LITTLE_FILES)
    problems.push(warn(`room for only ${space.freeFiles} more files`, `df -i ${quoted(home)}`));
  return problems;
}

function trialProblems(trial: FileTrial, home: string, kind: string): readonly Finding[] {
  if (!trial.written)
    return [fail(`no file can be written in ${home}: ${trial.code}`, `df -h ${quoted(home)}`)];
  if (trial.holes) return [];
  return [
    warn(
      `this file system (${kind}) cannot free the head of a file: a log that reaches its cap takes no more lines of that run`,
      'set LOOPYARD_HOME to a directory on ext4, xfs, btrfs or tmpfs; fallocate (util-linux) must be there',
    ),
  ];
}
