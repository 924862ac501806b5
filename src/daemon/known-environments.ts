/**
 * The environments of a home as they lie on the disk, and what lives of them: for who looks without being the daemon. It must not
 * change anything, nor hand out the variables that stand beside.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { reasonOf } from '../core/errors.ts';
import { environmentPaths, type HomePaths } from '../core/paths.ts';
import type { KnownEnvironment } from '../inspector/doctor/own.ts';
import type { Platform } from '../platform/platform.ts';
import { type RunRecord, RunRecords } from '../supervisor/records.ts';
import { isGone } from './removal.ts';
import type { EnvironmentDocument } from './runtime.ts';

export function knownEnvironments(
  home: HomePaths,
  platform: Pick<Platform, 'process'>,
): readonly KnownEnvironment[] {
  return directories(home.environments).map((id) => {
    try {
      return readEnvironment(home, id, platform);
    } catch (error) {
      // Torn, of another version, or not for this user: said, and left alone.
      return {
        id,
        unreadable: reasonOf(error),
        name: id,
        checkout: '',
        exists: false,
        blocks: [],
        alive: [],
      };
    }
  });
}

function readEnvironment(home: HomePaths, id: string, platform: Pick<Platform, 'process'>): KnownEnvironment {
  const paths = environmentPaths(home, id);
  const document = JSON.parse(readFileSync(paths.state, 'utf8')) as EnvironmentDocument;
  if (document.schema !== 1) throw new Error(`its version is ${document.schema}`);
  const checkout = document.project.file ?? document.ref.path;
  return {
    id,
    unreadable: null,
    name: document.ref.name,
    checkout,
    exists: existsSync(checkout),
    blocks: document.lease.blocks,
    alive: aliveIn(paths.runs, platform),
  };
}

function aliveIn(directory: string, platform: Pick<Platform, 'process'>): KnownEnvironment['alive'] {
  const records = new RunRecords(directory);
  records.scan();
  return [...records.ids()].flatMap((run) => {
    const pid = livingPid(records.get(run), platform);
    return pid === null ? [] : [{ run, pid }];
  });
}

/** Pids are used again: only with its start time one is the program of the record. */
function livingPid(record: RunRecord, platform: Pick<Platform, 'process'>): number | null {
  const { background, exit, pid, started } = record;
  const wanted = background ?? (exit === null && pid !== null ? { pid, started } : null);
  if (wanted === null) return null;
  const facts = platform.process(wanted.pid);
  return facts !== null && !facts.zombie && facts.startTime === wanted.started ? wanted.pid : null;
}

function directories(path: string): readonly string[] {
  try {
    return readdirSync(path).filter((name) => !isGone(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
