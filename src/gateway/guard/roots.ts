/**
 * Where lineages of declared callers begin: programs of services and commands of `lo`, from the records in an environment's state.
 * They stand there before a program runs, so none is met before it is known. It must not know sockets.
 */

import { readdirSync } from 'node:fs';
import { parseCommandRecord, parseRunRecord, serviceOfRun } from '../../core/run-record.ts';

export interface Root {
  /** Of the environment's state. */
  readonly directory: string;
  /** Null: a command of `lo` that works for the environment. */
  readonly service: string | null;
  /** Clock ticks since boot. */
  readonly started: number;
}

/** By pid. */
export type Roots = ReadonlyMap<number, Root>;

export function readRoots(directories: Iterable<string>): Roots {
  const roots = new Map<number, Root>();
  for (const directory of directories) {
    for (const name of list(`${directory}/runs`)) noteRun(roots, directory, name);
    for (const name of list(`${directory}/commands`)) {
      const command = parseCommandRecord(name);
      if (command !== null) roots.set(command.pid, { directory, service: null, started: command.started });
    }
  }
  return roots;
}

function noteRun(roots: Map<number, Root>, directory: string, name: string): void {
  const record = parseRunRecord(name);
  if (record === null || (record.kind !== 'pid' && record.kind !== 'background')) return;
  const { id, first: pid, second: started } = record;
  if (pid !== null && started !== null) roots.set(pid, { directory, service: serviceOfRun(id), started });
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Not made yet, or gone with its environment: nobody is declared by it.
    return [];
  }
}
