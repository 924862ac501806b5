/**
 * Ends test files that take too long, and names and ends what tests left behind. `node --test` has a limit for a file on one
 * version and for a test on the next; this one means the same on all. It must not know how tests are started.
 */

import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_MS = 1000;

/** Kills the process of each file that runs longer than `limitMs`; `stop()` gives the bundles of those. */
export function watchFiles(runFolder, limitMs) {
  const notes = join(runFolder, 'running');
  const killed = [];
  const timer = setInterval(() => {
    for (const { pid, file, started } of runningFiles(notes)) {
      if (Date.now() - started < limitMs) continue;
      killed.push(file);
      rmSync(join(notes, pid), { force: true });
      kill(Number(pid));
    }
  }, LOOK_MS);
  return {
    stop() {
      clearInterval(timer);
      return killed;
    },
  };
}

/** Processes that carry `NAME=value` in their environment, killed and described. Empty where there is no /proc. */
export function sweepProcesses(name, value) {
  const mark = `${name}=${value}`;
  const found = listOf('/proc')
    .filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid)
    .filter((pid) => textOf(`/proc/${pid}/environ`).split('\0').includes(mark))
    .map((pid) => ({
      pid: Number(pid),
      command: textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim(),
    }))
    // A process that has ended and is not yet collected has no command.
    .filter(({ command }) => command !== '');
  for (const { pid } of found) kill(pid);
  return found;
}

function runningFiles(notes) {
  return listOf(notes).flatMap((pid) => {
    const started = statSync(join(notes, pid), { throwIfNoEntry: false })?.mtimeMs;
    const file = textOf(join(notes, pid));
    return started === undefined || file === '' ? [] : [{ pid, file, started }];
  });
}

function kill(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself since we looked.
    if (error.code !== 'ESRCH') throw error;
  }
}

function listOf(folder) {
  try {
    return readdirSync(folder);
  } catch {
    // No test file has started yet, or this system has no such folder.
    return [];
  }
}

function textOf(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // The process ended since its folder was listed, or belongs to the system.
    return '';
  }
}
